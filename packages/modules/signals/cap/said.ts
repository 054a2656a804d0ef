import { arrayOf } from "@dais/drizzle/schema/texts";
import type { Ctx } from "@dais/kernel/context";
import { ms, saying } from "./known.ts";
import type { Message } from "./threads.ts";

/** What was said of a signal. */
export type Said = {
  /** The signal's uuid. */
  id: string;
  state: string;
  version: number;
  /** The messages of its alerts, and all cancellations that act on one of them. */
  messages: (Message & { identifier: string; note: string | null })[];
  /** The external ids under which its sources spoke of it last. */
  reports: (string | null)[];
};

const messagesText = `
  with own as (
    select w.id as of, x.id, x.name, x.refers from unnest($2::uuid[]) as w(id)
    join signals s on s.tenant_id = $1 and (s.id = w.id or s.merged_into = w.id)
    join signal_alerts x on x.tenant_id = $1 and x.signal_id = s.id and ${saying}
  ), names as (
    select o.of, array_agg(distinct n.name) as names from own o cross join lateral unnest(array_append(o.refers, o.name)) as n(name) group by 1
  ), those as (
    select of, id from own
    union
    select n.of, x.id from names n join signal_alerts x on x.tenant_id = $1 and x.refers && n.names and ${saying} and x.message_type = 'Cancel'
  )
  select t.of, x.name, to_json(x.refers) as refers, x.identifier, x.message_type, ${ms("x.sent_at")} as sent_at,
    case when x.message_type = 'Cancel' then x.alert::json->>'note' end as note
  from those t join signal_alerts x on x.tenant_id = $1 and x.id = t.id`;

const reportsText = `
  select distinct w.id as of, r.external_id from unnest($2::uuid[]) as w(id)
  join signals s on s.tenant_id = $1 and (s.id = w.id or s.merged_into = w.id)
  join signal_reports r on r.tenant_id = $1 and r.signal_id = s.id and r.newest`;

const stateText =
  "select id, state, version from signals where tenant_id = $1 and id = any ($2::uuid[]) order by id for no key update";

/** What was said of signals, which it holds until the end of this change. One exchange. */
export async function saidOf(ctx: Ctx, ids: readonly string[]): Promise<Said[]> {
  const params = [ctx.tenant.id, arrayOf(ids)];
  const [signals, rows, reports] = await Promise.all([
    ctx.send(stateText, params),
    ctx.send(messagesText, params),
    ctx.send(reportsText, params),
  ]);
  const messagesBy = Map.groupBy(rows, (row) => row.of as string);
  const reportsBy = Map.groupBy(reports, (row) => row.of as string);
  return signals.map((row) => ({
    id: row.id as string,
    state: row.state as string,
    version: row.version as number,
    messages: (messagesBy.get(row.id as string) ?? []).map(messageOf),
    reports: (reportsBy.get(row.id as string) ?? []).map((one) => one.external_id as string | null),
  }));
}

const messageOf = (row: Record<string, unknown>): Said["messages"][number] => ({
  name: row.name as string,
  refers: row.refers as string[],
  identifier: row.identifier as string,
  type: row.message_type as string,
  sentAt: row.sent_at as number,
  note: row.note as string | null,
});
