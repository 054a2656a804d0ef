import { workflow } from "../kit/workflow.ts";

/** running -> finished by itself, once nobody's turn will come any more; or stopped by somebody. */
export const dispatchWorkflow = workflow({
  name: "dispatch",
  kind: "dsp",
  capability: "dispatches",
  title: "Dispatch",
  initial: "running",
  states: {
    running: { rests: "The server goes from recipient to recipient." },
    stopped: { final: true },
    finished: { final: true },
  },
  moves: {
    create: { from: [], to: "running" },
    stop: { from: ["running"], to: "stopped" },
    finish: { from: ["running"], to: "finished", by: "system" },
  },
});
