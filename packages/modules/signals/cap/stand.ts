import { idOf } from "@dais/contracts/kit/ids";
import type { Signal } from "@dais/contracts/signals";
import type { Ctx } from "@dais/kernel/context";
import { move, target } from "@dais/kernel/machine";
import { machine } from "../machine.ts";
import { workflow } from "../workflow.ts";
import { externalIdOf } from "./map.ts";
import { type Said, saidOf } from "./said.ts";
import { isCancel, isTakenBack, threadsAmong } from "./threads.ts";
import { cut } from "./words.ts";

/** What a signal's state has come to. `signal`: as it is now, where that made it move. */
export type Settled = { outcome: "withdrawn" | "reopened" | "stands" | "over"; signal: Signal | null };

/**
 * Withdraws signals of which everything that was said has been taken back, and brings withdrawn ones back that something speaks of all the
 * same. Known by uuid; answers for each. It depends on what was said and when that was sent, not on the order in which it came.
 */
export async function settleStates(ctx: Ctx, ids: Iterable<string>): Promise<Map<string, Settled>> {
  const all = [...new Set(ids)];
  const settled = new Map<string, Settled>();
  if (all.length === 0) return settled;
  for (const said of await saidOf(ctx, all)) settled.set(said.id, await settle(ctx, said));
  return settled;
}

async function settle(ctx: Ctx, said: Said): Promise<Settled> {
  const over = takenBack(said);
  const event = over ? "withdraw" : "reopen";
  if (over === (said.state === "withdrawn") || !target(machine, said.state, event))
    return { outcome: over ? "over" : "stands", signal: null };
  if (!over && said.state !== "withdrawn") return { outcome: "stands", signal: null };
  const { version } = said;
  const reason = over ? reasonOf(said) : null;
  const signal = await move(ctx, workflow, idOf("sig", said.id), event, { version, reason });
  return { outcome: over ? "withdrawn" : "reopened", signal };
}

/** Whether nothing says any more that it happens: of each alert the last word is a cancellation, and no report came as anything else. */
function takenBack({ messages, reports }: Said): boolean {
  const identifiers = new Set(messages.map(({ identifier }) => externalIdOf(identifier)));
  if (reports.some((externalId) => externalId === null || !identifiers.has(externalId))) return false;
  const threads = threadsAmong(messages).filter((thread) => thread.messages.some((one) => !isCancel(one)));
  return threads.length > 0 && threads.every(isTakenBack);
}

function reasonOf({ messages }: Said): string {
  const last = messages.filter(isCancel).sort((a, b) => b.sentAt - a.sentAt)[0];
  return cut(last?.note?.trim() || "Its source cancelled it.", 2000);
}
