import { signalTies } from "@dais/drizzle/schema/signalGroups";
import { arrayOf } from "@dais/drizzle/schema/texts";
import type { Ctx } from "@dais/kernel/context";
import { rowsInserter } from "@dais/kernel/insert";
import { holdSignals } from "../known.ts";
import { regroupAnew } from "./settle.ts";

/** What people said of the two holds against what their source says. */
const insertTies = rowsInserter(signalTies, [], "on conflict (tenant_id, one_id, other_id) do nothing");

/**
 * Says of pairs of signals, by their uuids, that one refers to the other: they are in one group from now on, unless people say that they
 * are apart. Both are there; one that was merged stands for what it turned out to be.
 */
export async function refer(ctx: Ctx, pairs: readonly (readonly [string, string])[]): Promise<void> {
  if (pairs.length === 0) return;
  const rows = new Map(
    pairs.flatMap(([a, b]) => {
      const [one, other] = a < b ? [a, b] : [b, a];
      return one === other ? [] : [[`${one} ${other}`, { one_id: one, other_id: other }] as const];
    }),
  );
  const ties = [...rows.values()].map((pair) => ({
    ...pair,
    id: ctx.newId(),
    tenant_id: ctx.tenant.id,
    kind: "refers",
    by: ctx.actor.id,
    at: ctx.now.toISOString(),
  }));
  const [, , keys] = await Promise.all([
    holdSignals(ctx),
    insertTies(ctx.send, ties),
    ctx.send(keysText, [ctx.tenant.id, arrayOf([...new Set(pairs.flat())])]),
  ]);
  await regroupAnew(
    ctx,
    keys.map(({ key }) => key as string),
  );
}

const keysText = `
  select coalesce(s.group_id, s.id) as key from signals g join signals s on s.tenant_id = $1 and s.id = coalesce(g.merged_into, g.id)
  where g.tenant_id = $1 and g.id = any ($2::uuid[])`;
