import { uuidOf } from "@dais/contracts/kit/ids";
import { arrayOf } from "@dais/drizzle/schema/texts";
import type { Ctx } from "@dais/kernel/context";

/** An entry as a statement reads it. Moments are RFC 3339 text: thousands of them are read at once. */
export type Row = {
  seq: number;
  id: string;
  at: string;
  outcome: "done" | "refused" | "read";
  actor_kind: "user" | "agent" | "client" | "system";
  persons: string[];
  resource_id: string | null;
  resource_version: number | null;
  changed: boolean;
  changes: Record<string, [unknown, unknown]> | null;
  decision: Record<string, unknown> | null;
  erased_at: string | null;
} & Record<"actor_id" | "operation" | "action" | "resource_type" | "request_id", string> &
  Record<
    | (
        | "on_behalf_of"
        | "agent_model"
        | "agent_version"
        | "classification"
        | "event"
        | "from_state"
        | "to_state"
        | "problem"
      )
    | ("session_id" | "address" | "before_digest" | "after_digest" | "reason" | "trace_id" | "idempotency_key")
    | "erasure_id",
    string | null
  >;

/** What a caller asks for. */
export type Filters = {
  actorId?: string | undefined;
  resourceId?: string | undefined;
  operation?: string | undefined;
  action?: string | undefined;
  outcome?: Row["outcome"] | undefined;
  event?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
};

// By `at`, an order would mean the text that is selected under this name: it says `a.at`, which the index has.
const rfc3339 = (column: string) => `to_char(${column}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
const columns = `
  seq::float8 as seq, id, ${rfc3339("at")} as at, outcome, actor_kind, actor_id, on_behalf_of, to_json(persons) as persons, agent_model,
  agent_version, session_id, address, operation, action, resource_type, resource_id, resource_version, classification, event, from_state,
  to_state, changed, before_digest, after_digest, changes, reason, problem, decision, request_id, trace_id, idempotency_key,
  ${rfc3339("erased_at")} as erased_at, erasure_id`;

const selected = (text: string) => `select ${columns} from audit a where tenant_id = $1 ${text}`;

export async function byId(ctx: Ctx, uuid: string): Promise<Row | undefined> {
  const [row] = await ctx.send(selected("and id = $2"), [ctx.tenant.id, uuid]);
  return row as Row | undefined;
}

/** Those that fit, newest first, before a position. Each set of filters has a text of its own, with the index that suits it. */
export async function newest(ctx: Ctx, filters: Filters, before: readonly [string, number] | null, limit: number) {
  const { conditions, params } = fitting(ctx, filters);
  const given = (value: unknown) => `$${params.push(value)}`;
  if (before) conditions.push(`(at, seq) < (${given(before[0])}::timestamptz, ${given(before[1])}::bigint)`);
  const text = `${selected(conditions.map((one) => `and ${one}`).join(" "))} order by a.at desc, a.seq desc limit ${given(limit)}`;
  return (await ctx.send(text, params)) as readonly Row[];
}

/** The places of those that fit and were committed before a transaction, oldest first: what is written meanwhile changes nothing of it. */
export async function oldest(ctx: Ctx, filters: Filters, through: string, limit: number): Promise<readonly number[]> {
  const { conditions, params } = fitting(ctx, filters);
  const given = (value: unknown) => `$${params.push(value)}`;
  conditions.push(`xid < ${given(through)}::text::xid8`);
  const fits = `tenant_id = $1 and ${conditions.join(" and ")} order by a.at, a.seq limit ${given(limit)}`;
  const [row] = await ctx.send(
    `select coalesce(json_agg(s.seq), '[]') as seqs from (select a.seq from audit a where ${fits}) as s`,
    params,
  );
  return row?.seqs as number[];
}

/** The entries at these places, in this order. */
export const atPlaces = async (ctx: Ctx, seqs: readonly number[]): Promise<readonly Row[]> =>
  (await ctx.send(inOrder, [ctx.tenant.id, arrayOf(seqs.map(String))])) as unknown as Row[];
const inOrder = `select ${columns} from unnest($2::bigint[]) with ordinality as p(place, n)
  join audit a on a.seq = p.place where a.tenant_id = $1 order by p.n`;

/** Before which transaction everything has ended by now: no entry of an earlier one is still to come. */
export async function horizon(ctx: Ctx): Promise<string> {
  const [row] = await ctx.send("select pg_snapshot_xmin(pg_current_snapshot())::text as through", []);
  return row?.through as string;
}

/** Filters as SQL. What is withheld fits no filter: nobody may find out by trying. */
function fitting(ctx: Ctx, { actorId, resourceId, operation, action, outcome, event, from, to }: Filters) {
  const params: unknown[] = [ctx.tenant.id];
  const given = (value: unknown) => `$${params.push(value)}`;
  const conditions: string[] = [];
  if (actorId) conditions.push(`actor_id = ${given(actorId)}`);
  if (resourceId) conditions.push(`resource_id = ${given(uuidOf(resourceId))}::uuid`);
  if (operation) conditions.push(`operation = ${given(operation)}`);
  if (action) conditions.push(`action = ${given(action)}`);
  if (outcome) conditions.push(`outcome = ${given(outcome)}`);
  if (event) conditions.push(`event = ${given(event)}`);
  if (from) conditions.push(`at >= ${given(from)}::timestamptz`);
  if (to) conditions.push(`at < ${given(to)}::timestamptz`);
  if (resourceId || event)
    conditions.push(`(classification is null or classification = any (${given(arrayOf(ctx.visible))}::text[]))`);
  return { conditions, params };
}
