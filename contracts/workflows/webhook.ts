import { workflow } from "../kit/workflow.ts";

/** active <-> paused by somebody; active -> failed by the server, until somebody switches it on again; in the end deleted. */
export const webhookWorkflow = workflow({
  name: "webhook",
  kind: "whk",
  capability: "webhooks",
  title: "Webhook",
  initial: "active",
  states: {
    active: { rests: "It hears what its owner may." },
    paused: { rests: "Somebody switched it off. What happens meanwhile is kept, and can be replayed." },
    failed: { waits: { for: "webhook.enable" }, within: { workingDays: 3 } },
    deleted: { final: true },
  },
  moves: {
    create: { from: [], to: "active" },
    disable: { from: ["active"], to: "paused" },
    enable: { from: ["paused", "failed"], to: "active" },
    fail: { from: ["active"], to: "failed", by: "system" },
    delete: { from: ["active", "paused", "failed"], to: "deleted" },
  },
});
