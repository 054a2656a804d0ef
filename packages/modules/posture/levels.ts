import { idOf } from "@dais/contracts/kit/ids";
import type { posture as contract, Level } from "@dais/contracts/posture";
import { record } from "@dais/kernel/audit";
import { digest } from "@dais/kernel/canonical";
import type { Ctx, Handlers } from "@dais/kernel/context";
import { emit } from "@dais/kernel/outbox";
import { Problem } from "@dais/kernel/problem";
import { levelsFrom, levelsJson } from "./standing.ts";

type Shown = { digest: string; items: Level[] };
type Wanted = Parameters<Handlers<typeof contract>["setLevels"]>[1];

/** The organisation's levels, or the usual ones. */
export async function levels(ctx: Ctx): Promise<Shown> {
  const [row] = await ctx.send(`select ${levelsJson} as levels`, [ctx.tenant.id]);
  return shown(levelsFrom(row?.levels));
}

/** Replaces all levels. @throws posture_levels_changed, posture_level_in_force */
export async function setLevels(ctx: Ctx, wanted: Wanted): Promise<Shown & { changed: boolean }> {
  const [, before, needed] = await Promise.all([hold(ctx), levels(ctx), neededLevels(ctx)]);
  if (before.digest !== wanted.digest) throw new Problem("posture_levels_changed", { digest: before.digest });
  const after = shown(
    wanted.levels.map(({ key, name, criteria }, rank) => ({
      key,
      rank,
      name: { en: name.en, ar: name.ar },
      criteria: { en: criteria.en, ar: criteria.ar },
    })),
  );
  const kept = new Set(after.items.map(({ key }) => key));
  const missing = before.items.map(({ key }) => key).filter((key) => needed.has(key) && !kept.has(key));
  if (missing.length > 0) throw new Problem("posture_level_in_force", { levels: missing });
  const changed = after.digest !== before.digest;
  if (changed) await replace(ctx, after.items);
  const resource = { type: "organisation", id: ctx.tenant.id };
  record(ctx, { resource, before: { levels: before.items }, after: { levels: after.items }, changed });
  if (changed) emit(ctx, { name: "posture.levels_set", resource, payload: { id: idOf("org", ctx.tenant.id) } });
  return { changed, ...after };
}

const shown = (some: readonly Level[]): Shown => ({ digest: digest(some), items: [...some] });

/** Until the end of this change, nobody proposes or confirms a change of posture. */
const hold = (ctx: Ctx) =>
  ctx.send("select pg_advisory_xact_lock(hashtextextended('posture levels ' || $1::text, 0))", [ctx.tenant.id]);

/** Those that hold somewhere, or that an open proposal names. */
async function neededLevels(ctx: Ctx): Promise<Set<string>> {
  const text = `
    select level from (select distinct on (entity_id) level from posture where tenant_id = $1 order by entity_id, since desc, id desc) h
    union select level from posture_changes where tenant_id = $1 and state = 'proposed'`;
  return new Set((await ctx.send(text, [ctx.tenant.id])).map((row) => row.level as string));
}

async function replace(ctx: Ctx, items: readonly Level[]): Promise<void> {
  const text = `
    insert into posture_levels (tenant_id, key, rank, name, criteria)
    select $1::uuid, l.* from json_to_recordset($2::json) as l(key text, rank int, name jsonb, criteria jsonb)`;
  await Promise.all([
    ctx.send("delete from posture_levels where tenant_id = $1", [ctx.tenant.id]),
    ctx.send(text, [ctx.tenant.id, JSON.stringify(items)]),
  ]);
}
