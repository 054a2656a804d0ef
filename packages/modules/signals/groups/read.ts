import { arrayOf } from "@dais/drizzle/schema/texts";
import type { Ctx } from "@dais/kernel/context";
import type { Rows } from "@dais/kernel/lane";
import { moment, spans } from "../known.ts";
import type { Tie } from "./partition.ts";
import { groupMetres, groupMs, type Node } from "./rule.ts";

const fields = `s.id, s.category, s.latitude, s.longitude, to_json(s.geocodes) as geocodes, s.group_id, s.classification,
  (extract(epoch from s.occurred_at) * 1000)::float8 as occurred_at`;

const nearText = `
  select distinct on (n.id) n.*
  from json_to_recordset($2::json) as w(category text, since timestamptz, until timestamptz, south float8, north float8, geocodes text[])
  cross join lateral (
    select ${fields} from signals s
    where s.tenant_id = $1 and s.category = w.category and s.occurred_at between w.since and w.until
      and s.state <> 'merged' and (s.latitude between w.south and w.north or s.geocodes && w.geocodes)
    offset 0
  ) n`;

/** A tie counts for the signal that one of the two turned out to be. Looked up one by one: ties are few, signals are many. */
const endOf = (end: string, shown: string) => `(
    select ${shown} from signals g join signals s on s.tenant_id = $1 and s.id = coalesce(g.merged_into, g.id)
    where g.tenant_id = $1 and g.id = t.${end}
  )`;

const apartText = `
  select ${endOf("one_id", "coalesce(s.group_id, s.id)")} as one, ${endOf("other_id", "coalesce(s.group_id, s.id)")} as other
  from signal_ties t where t.tenant_id = $1 and t.kind = 'apart' and t.ended_at is null`;

/** Signals that are known by these keys: all of a group, or one that stands alone. */
const known = (shown: string) => `
  select m.* from unnest($2::uuid[]) k(id)
  cross join lateral (select ${shown} from signals s where s.tenant_id = $1 and s.group_id = k.id and s.state <> 'merged' offset 0) m
  union all
  select m.* from unnest($2::uuid[]) k(id)
  cross join lateral (select ${shown} from signals s where s.tenant_id = $1 and s.id = k.id and s.group_id is null and s.state <> 'merged' offset 0) m`;

const tiesText = `
  with m as (${known("s.id")}), ends as (
    select id from m
    union all
    select g.id from m cross join lateral (select o.id from signals o where o.tenant_id = $1 and o.merged_into = m.id offset 0) g
  )
  select t.id, t.kind, ${endOf("one_id", "s.id")} as one, ${endOf("other_id", "s.id")} as other, (extract(epoch from t.at) * 1000)::float8 as at
  from (
    select t.* from ends cross join lateral (select o.* from signal_ties o where o.tenant_id = $1 and o.one_id = ends.id offset 0) t
    union
    select t.* from ends cross join lateral (select o.* from signal_ties o where o.tenant_id = $1 and o.other_id = ends.id offset 0) t
  ) t where t.ended_at is null`;

/** What a signal is known by where groups are put together: its group, or itself where it stands alone. */
export const keyOf = ({ id, groupId }: Pick<Node, "id" | "groupId">): string => groupId ?? id;

/** The signals that may be near to these, they themselves among them, as they are now. */
export async function nodesNear(
  ctx: Ctx,
  nodes: readonly Pick<Node, "category" | "occurredAt" | "latitude" | "geocodes">[],
): Promise<Node[]> {
  return (await ctx.send(nearText, [ctx.tenant.id, JSON.stringify(windowsOf(nodes))])).map(nodeOf);
}

/** The pairs of keys that people said are apart. */
export const apartKeys = async (ctx: Ctx): Promise<[string, string][]> =>
  (await ctx.send(apartText, [ctx.tenant.id])).map(({ one, other }) => [one as string, other as string]);

export type KeptTie = Tie & { id: string };

const membersText = `
  select (select coalesce(json_agg(m), '[]') from (${known(fields)}) m) as nodes, (select coalesce(json_agg(x), '[]') from (${tiesText}) x) as ties`;

/** All signals that are known by these keys, and what was said of them. */
export async function membersOf(ctx: Ctx, keys: readonly string[]): Promise<{ nodes: Node[]; ties: KeptTie[] }> {
  const [found] = await ctx.send(membersText, [ctx.tenant.id, arrayOf(keys)]);
  const { nodes, ties } = found as { nodes: Row[]; ties: KeptTie[] };
  return { nodes: nodes.map(nodeOf), ties };
}

type Row = Rows[number];
const nodeOf = (row: Row): Node => ({
  id: row.id as string,
  category: row.category as string,
  latitude: row.latitude as number | null,
  longitude: row.longitude as number | null,
  geocodes: row.geocodes as string[],
  occurredAt: row.occurred_at as number,
  groupId: row.group_id as string | null,
  classification: row.classification as string,
});

/** A degree of latitude is never shorter than 110 km. */
const reach = groupMetres / 110_000;

function windowsOf(nodes: readonly Pick<Node, "category" | "occurredAt" | "latitude" | "geocodes">[]): object[] {
  return [...new Set(nodes.map(({ category }) => category))].flatMap((category) => {
    const its = nodes.filter((node) => node.category === category);
    return spans(
      its.map(({ occurredAt }) => occurredAt),
      groupMs,
    ).map(([since, until]) => {
      const within = its.filter(({ occurredAt }) => occurredAt >= since && occurredAt <= until);
      const latitudes = within.flatMap(({ latitude }) => latitude ?? []);
      return {
        category,
        since: moment(since),
        until: moment(until),
        south: latitudes.length > 0 ? Math.min(...latitudes) - reach : null,
        north: latitudes.length > 0 ? Math.max(...latitudes) + reach : null,
        geocodes: [...new Set(within.flatMap(({ geocodes }) => geocodes))],
      };
    });
  });
}
