import { idOf } from "@dais/contracts/kit/ids";
import type { Ctx } from "@dais/kernel/context";
import { move, target } from "@dais/kernel/machine";
import { hold } from "../hold.ts";
import { machine } from "../machine.ts";
import { workflow } from "../workflow.ts";
import { type Message, saidOf } from "./known.ts";
import { externalIdOf } from "./map.ts";
import { together } from "./plan.ts";
import { cut } from "./words.ts";

/** Takes a signal back that was cancelled. Says why not, where it isn't: it is over already, or something else still says so. */
export async function withdraw(
  ctx: Ctx,
  signalId: string,
  note: string | null,
): Promise<"withdrawn" | "others_remain" | null> {
  const id = idOf("sig", signalId);
  const { state, version } = await hold(ctx, id);
  if (!target(machine, state, "withdraw")) return null;
  if (stands(await saidOf(ctx, signalId))) return "others_remain";
  const reason = cut(note?.trim() || "Its source cancelled it.", 2000);
  await move(ctx, workflow, id, "withdraw", { version, reason });
  return "withdrawn";
}

/** Whether anything still says that it happens: alerts of which the last word is no cancellation, or a report that came as no alert. */
function stands({ messages, reports }: { messages: readonly Message[]; reports: readonly (string | null)[] }): boolean {
  const identifiers = new Set(messages.map(({ identifier }) => externalIdOf(identifier)));
  if (reports.some((externalId) => externalId === null || !identifiers.has(externalId))) return true;
  return together(messages).some((thread) => thread.reduce((a, b) => (b.sentAt >= a.sentAt ? b : a)).type !== "Cancel");
}
