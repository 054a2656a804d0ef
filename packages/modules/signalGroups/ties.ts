import { signalTies } from "@dais/drizzle/schema/signalGroups";
import { arrayOf } from "@dais/drizzle/schema/texts";
import type { Ctx } from "@dais/kernel/context";
import { rowsInserter } from "@dais/kernel/insert";

export type NewTie = { kind: "together" | "apart"; one: string; other: string };

/** What is said last of two signals is what holds. */
const insertTies = rowsInserter(
  signalTies,
  [],
  `on conflict (tenant_id, one_id, other_id) do update set kind = excluded.kind, by = excluded.by, at = excluded.at, ended_at = null`,
);

/** Says of pairs of signals that they belong together, or that they don't. */
export async function tie(ctx: Ctx, ties: readonly NewTie[]): Promise<void> {
  const pairs = new Map<string, NewTie>();
  for (const { kind, one, other } of ties) {
    const [low, high] = one < other ? [one, other] : [other, one];
    pairs.set(`${low} ${high}`, { kind, one: low, other: high });
  }
  const rows = [...pairs.values()].map(({ kind, one, other }) => ({
    id: ctx.newId(),
    tenant_id: ctx.tenant.id,
    one_id: one,
    other_id: other,
    kind,
    by: ctx.actor.id,
    at: ctx.now.toISOString(),
  }));
  await insertTies(ctx.send, rows);
}

/** Takes back what was said. */
export async function endTies(ctx: Ctx, ties: readonly { id: string }[]): Promise<void> {
  if (ties.length === 0) return;
  await ctx.send("update signal_ties set ended_at = $3 where tenant_id = $1 and id = any ($2::uuid[])", [
    ctx.tenant.id,
    arrayOf(ties.map(({ id }) => id)),
    ctx.now.toISOString(),
  ]);
}
