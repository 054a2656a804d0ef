import type { PostureChange } from "@dais/contracts/posture";
import type { Signal } from "@dais/contracts/signals";
import type { Caller } from "./calls.ts";

/** How many of the alerts the agent names at most. */
const most = 12;

/**
 * The duty agent proposes to raise the posture because of the gravest signals in force, so that somebody has something to decide. Once:
 * whatever became of it, it is not proposed again.
 * @param reader Somebody who sees all changes of posture
 */
export async function proposePosture(agent: Caller, reader: Caller): Promise<void> {
  const { items } = await reader.call<{ items: PostureChange[] }>("posture.changes", { limit: 100 });
  if (items.some(({ proposedBy }) => proposedBy.startsWith("agt_"))) return;
  const gravest = async (severity: Signal["severity"]) =>
    (await agent.call<{ items: Signal[] }>("signals.list", { severity: [severity], limit: 100 })).items;
  const all = [...(await gravest("extreme")), ...(await gravest("severe"))];
  const reason = `${all.length} warnings in force are severe or extreme, more than this level was set for.`;
  await agent.call("posture.propose", { level: "high", reason, signalIds: all.slice(0, most).map(({ id }) => id) });
}
