import { signalAlerts } from "@dais/drizzle/schema/signalReports";
import { arrayOf } from "@dais/drizzle/schema/texts";
import type { Ctx } from "@dais/kernel/context";
import { rowsInserter } from "@dais/kernel/insert";
import { holdSignals } from "../known.ts";
import { foreign } from "./names.ts";

/** An alert that came before. */
export type KnownAlert = {
  id: string;
  name: string;
  refers: string[];
  messageType: string;
  status: string;
  sentAt: number;
  /** The signal that it speaks of, by its uuid, or the one that this turned out to be. */
  signalId: string | null;
  state: string | null;
  /** The alert itself, where it was asked for. */
  text: string | null;
};

/** A moment as milliseconds since 1970. */
export const ms = (column: string) => `(extract(epoch from ${column}) * 1000)::float8`;
const lived = "coalesce(s.merged_into, s.id)";

/** Messages that say what happens: see names.ts. */
export const saying = "x.status = 'Actual' and x.message_type in ('Alert', 'Update', 'Cancel')";

const hitText = `
  with hit as (
    select a.id, ${lived} as lived from signal_alerts a left join signals s on s.tenant_id = $1 and s.id = a.signal_id
    where a.tenant_id = $1 and (a.name = any ($2::text[]) or a.refers && $3::text[])
  ), around as (
    select id from hit
    union
    select x.id from (select distinct lived from hit where lived is not null) h
      join signals s on s.tenant_id = $1 and (s.id = h.lived or s.merged_into = h.lived)
      join signal_alerts x on x.tenant_id = $1 and x.signal_id = s.id
  )
  select a.id, a.name, to_json(a.refers) as refers, a.message_type, a.status, ${ms("a.sent_at")} as sent_at, l.id as lived, l.state,
    case when a.name = any ($4::text[]) then a.alert end as text
  from around r join signal_alerts a on a.tenant_id = $1 and a.id = r.id
  left join signals s on s.tenant_id = $1 and s.id = a.signal_id
  left join signals l on l.tenant_id = $1 and l.id = ${lived}`;

const entityText = "select from entities where tenant_id = $1 and id = $2";

/**
 * The alerts that came before and have to do with new ones: the same ones, those that they refer to, those that refer to them, those that
 * refer to what they refer to, and all others about the same signals. Until the end of this change nobody else takes in any.
 * @param own Names of the new ones
 * @param referred Names that they refer to, marked where they are another sender's
 * @returns null where there is no such entity
 */
export async function alertsAround(
  ctx: Ctx,
  own: readonly string[],
  referred: readonly string[],
  entity: string | null,
): Promise<KnownAlert[] | null> {
  const bare = referred.map((name) => name.replace(foreign, ""));
  const names = [...new Set([...own, ...bare])];
  const marks = [
    ...new Set([...own, ...own.map((name) => foreign + name), ...referred.filter((n) => !n.startsWith(foreign))]),
  ];
  const [, rows, entities] = await Promise.all([
    holdSignals(ctx),
    ctx.send(hitText, [ctx.tenant.id, arrayOf(names), arrayOf(marks), arrayOf(own)]),
    entity === null ? [{}] : ctx.send(entityText, [ctx.tenant.id, entity]),
  ]);
  return entities.length === 0 ? null : rows.map(shown);
}

const shown = (row: Record<string, unknown>): KnownAlert => ({
  id: row.id as string,
  name: row.name as string,
  refers: row.refers as string[],
  messageType: row.message_type as string,
  status: row.status as string,
  sentAt: row.sent_at as number,
  signalId: row.lived as string | null,
  state: row.state as string | null,
  text: row.text as string | null,
});

/** Keeps alerts. */
export const insertAlerts = rowsInserter(signalAlerts, []);

const attachText = `
  update signal_alerts a set signal_id = m.signal_id from json_to_recordset($2::json) as m(id uuid, signal_id uuid)
  where a.tenant_id = $1 and a.id = m.id`;

/** Says of alerts that came before whose they are. */
export async function attach(ctx: Ctx, pairs: readonly { id: string; signalId: string }[]): Promise<void> {
  if (pairs.length === 0) return;
  const rows = pairs.map(({ id, signalId }) => ({ id, signal_id: signalId }));
  await ctx.send(attachText, [ctx.tenant.id, JSON.stringify(rows)]);
}
