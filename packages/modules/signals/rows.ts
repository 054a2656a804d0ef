import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import type { Signal } from "@dais/contracts/signals";
import { signals } from "@dais/drizzle/schema/signals";
import { arrayOf } from "@dais/drizzle/schema/texts";
import type { Ctx } from "@dais/kernel/context";
import { statement } from "@dais/kernel/statement";
import { and, asc, desc, eq, gte, ne, type SQL, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import type { Row } from "./workflow.ts";

/** Which signals; what is left out doesn't matter. */
export type Filters = {
  state?: Signal["state"][];
  severity?: Signal["severity"][];
  category?: Signal["category"][];
  source?: string;
  entityId?: string;
  since?: string;
};
type Listing = Filters & { sort: "-occurredAt" | "occurredAt"; limit: number };

const p = sql.placeholder;
const among = (column: PgColumn, name: string): SQL => sql`${column} = any (${p(name)}::text[])`;
/** Every query's first condition: the caller's tenant, at or below the caller's clearance. */
const mine = and(eq(signals.tenantId, p("tenant")), among(signals.classification, "visible"));

const byId = statement((db) =>
  db
    .select()
    .from(signals)
    .where(and(mine, eq(signals.id, p("id"))))
    .limit(1)
    .prepare("signals_by_id"),
);

/** The row, unless it is not there for this caller. */
export async function find(ctx: Ctx, uuid: string): Promise<Row | undefined> {
  const [row] = await byId(ctx).execute({ tenant: ctx.tenant.id, visible: arrayOf(ctx.visible), id: uuid });
  return row;
}

/** The names of the filters that are given: each combination is a statement of its own. */
const givenIn = (filters: Filters) =>
  new Set(Object.entries(filters).flatMap(([name, value]) => (value === undefined ? [] : [name])));

/** What the caller sees, and fits the given filters. */
const fitting = (given: ReadonlySet<string>) =>
  and(
    mine,
    given.has("state") ? among(signals.state, "state") : ne(signals.state, "merged"),
    given.has("severity") ? among(signals.severity, "severity") : undefined,
    given.has("category") ? among(signals.category, "category") : undefined,
    given.has("source") ? eq(signals.source, p("source")) : undefined,
    given.has("entityId") ? eq(signals.entityId, p("entity")) : undefined,
    given.has("since") ? gte(signals.occurredAt, sql`${p("since")}::timestamptz`) : undefined,
  );
const valuesOf = (ctx: Ctx, filters: Filters) => ({
  tenant: ctx.tenant.id,
  visible: arrayOf(ctx.visible),
  state: arrayOf(filters.state ?? []),
  severity: arrayOf(filters.severity ?? []),
  category: arrayOf(filters.category ?? []),
  source: filters.source,
  entity: filters.entityId && uuidOf(filters.entityId),
  since: filters.since,
});

type Shape = { given: Set<string>; up: boolean };
const keyOf = (given: ReadonlySet<string>) => [...given].sort().join();
const list = statement(
  (db, { given, up }: Shape) => {
    const place = sql`(${signals.occurredAt}, ${signals.id})`;
    const from = sql`(${p("at")}::timestamptz, ${p("id")}::uuid)`;
    const order = up ? asc : desc;
    const beyond = given.has("after") ? (up ? sql`${place} > ${from}` : sql`${place} < ${from}`) : undefined;
    return db
      .select()
      .from(signals)
      .where(and(fitting(given), beyond))
      .orderBy(order(signals.occurredAt), order(signals.id))
      .limit(p("limit"))
      .prepare("signals_list");
  },
  ({ given, up }) => `${keyOf(given)} ${up}`,
);

/** Up to `limit + 1` rows after a position, in the order asked for. One prepared statement for each combination of filters. */
export function some(ctx: Ctx, filters: Listing, after: [string, string] | null): Promise<Row[]> {
  const given = givenIn(filters);
  if (after) given.add("after");
  return list(ctx, { given, up: filters.sort === "occurredAt" }).execute({
    ...valuesOf(ctx, filters),
    at: after?.[0],
    id: after?.[1],
    limit: filters.limit + 1,
  });
}

/** Those of these signals (public ids) that are there for the caller -> their classification. Who may not read signals has none. */
export async function classificationsOf(ctx: Ctx, ids: readonly string[]): Promise<Map<string, string>> {
  if (!ctx.actor.permissions.has("signal.read") && ctx.actor.kind !== "system") return new Map();
  const rows = await ctx.send(
    "select id, classification from signals where tenant_id = $1 and id = any ($2::uuid[]) and classification = any ($3::text[])",
    [ctx.tenant.id, arrayOf(ids.map(uuidOf)), arrayOf(ctx.visible)],
  );
  return new Map(rows.map((row) => [idOf("sig", row.id as string), row.classification as string]));
}
