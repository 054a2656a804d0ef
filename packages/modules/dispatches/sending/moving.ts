import type { Ctx } from "@dais/kernel/context";
import { moveEach, type Own } from "@dais/kernel/machine-many";
import { recipientWorkflow } from "@dais/modules/dispatchRecipients";
import type { Going, RecipientEvent } from "./follow.ts";

/** Moves to be, by their events. */
export type Moving = Map<RecipientEvent, Own[]>;

export function note(moving: Moving, id: string, { event, reason, ...given }: Going): void {
  const some = moving.get(event) ?? [];
  some.push({ id, reason: reason && cut(reason), given });
  moving.set(event, some);
}
const mostOfReason = 2000;
const cut = (reason: string): string => reason.slice(0, mostOfReason);

/** In this order: whoever is passed on is begun with in the same change, and what was begun is handed over. */
const order: readonly RecipientEvent[] = [
  "recall",
  "fall",
  "retry",
  "begin",
  "hand",
  "deliver",
  "see",
  "expire",
  "lose",
  "fail",
];

/** Sends the moves, one statement for each event. Those whom they are about are held by the caller. */
export async function moveRecipients(ctx: Ctx, moving: Moving): Promise<void> {
  await Promise.all(order.map((event) => moveEach(ctx, recipientWorkflow, event, moving.get(event) ?? [])));
}

/** When something is done about a recipient next, and why not now; without a reason theirs stays as it is. */
export type Next = { id: string; nextAt: Date | null; reason?: string };

/** Sets when something is done about recipients next, where nothing else of them changes. */
export async function setNext(ctx: Ctx, some: readonly Next[]): Promise<void> {
  if (some.length > 0) await ctx.send(next, [ctx.tenant.id, JSON.stringify(some)]);
}

const next = `
  update dispatch_recipients r set next_at = n."nextAt", state_reason = coalesce(n.reason, r.state_reason)
  from json_to_recordset($2::json) as n (id uuid, "nextAt" timestamptz, reason text)
  where r.tenant_id = $1 and r.id = n.id`;
