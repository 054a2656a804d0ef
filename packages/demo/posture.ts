import type { PostureChange } from "@dais/contracts/posture";
import type { SignalInput } from "@dais/contracts/signals";
import type { z } from "zod";
import type { Caller } from "./calls.ts";

type Input = z.input<typeof SignalInput>;

/** How many of the alerts the agent names at most. */
const most = 12;

/**
 * The duty agent proposes to raise the posture because of the gravest alerts, so that somebody has something to decide. Once: whatever
 * became of it, it is not proposed again.
 * @param reader Somebody who sees all changes of posture
 */
export async function proposePosture(agent: Caller, reader: Caller, alerts: ReadonlyMap<Input, string>): Promise<void> {
  const { items } = await reader.call<{ items: PostureChange[] }>("posture.changes", { limit: 100 });
  if (items.some(({ proposedBy }) => proposedBy.startsWith("agt_"))) return;
  const of = (severity: Input["severity"]) => [...alerts].filter(([alert]) => alert.severity === severity);
  const gravest = [...of("extreme"), ...of("severe")].map(([, id]) => id);
  const reason = `${gravest.length} warnings in force are severe or extreme, more than this level was set for.`;
  const signalIds = [...new Set(gravest)].slice(0, most);
  await agent.call("posture.propose", { level: "high", reason, signalIds });
}
