import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import { type SignalSort, searchFilters } from "@dais/contracts/signals";
import type { SignalView } from "@dais/contracts/signalViews";
import { signalViews } from "@dais/drizzle/schema/signalViews";
import type { Ctx } from "@dais/kernel/context";
import { statement } from "@dais/kernel/statement";
import { and, asc, eq, isNull, ne, or, sql } from "drizzle-orm";
import type { z } from "zod";

type Filters = z.infer<z.ZodObject<typeof searchFilters>>;
type Kept = Filters & { sort: z.infer<typeof SignalSort> };
type Stored = typeof signalViews.$inferSelect;
export type Row = Omit<Stored, "filters"> & { filters: Kept };

const p = sql.placeholder;
const mine = eq(signalViews.ownerId, p("actor"));
/** What exists for the caller: their own, and what others share. */
const there = and(
  eq(signalViews.tenantId, p("tenant")),
  isNull(signalViews.deletedAt),
  or(mine, eq(signalViews.shared, true)),
);

const byId = statement((db) =>
  db
    .select()
    .from(signalViews)
    .where(and(there, eq(signalViews.id, p("id"))))
    .prepare("signal_views_by_id"),
);
const locked = statement((db) =>
  db
    .select()
    .from(signalViews)
    .where(and(there, eq(signalViews.id, p("id"))))
    .for("update")
    .prepare("signal_views_locked"),
);

const valuesOf = (ctx: Ctx, id?: string) => ({ tenant: ctx.tenant.id, actor: ctx.actor.id, id: id && uuidOf(id) });

export const find = async (ctx: Ctx, id: string) => (await byId(ctx).execute(valuesOf(ctx, id)))[0] as Row | undefined;

/** Holds the view against others who change it, and reads it. */
export const hold = async (ctx: Ctx, id: string) =>
  (await locked(ctx).execute(valuesOf(ctx, id)))[0] as Row | undefined;

type Shape = { own?: boolean; after: boolean };
const list = statement(
  (db, { own, after }: Shape) =>
    db
      .select()
      .from(signalViews)
      .where(
        and(
          there,
          own === undefined ? undefined : own ? mine : ne(signalViews.ownerId, p("actor")),
          after ? sql`(${signalViews.name}, ${signalViews.id}) > (${p("name")}::text, ${p("id")}::uuid)` : undefined,
        ),
      )
      .orderBy(asc(signalViews.name), asc(signalViews.id))
      .limit(p("limit"))
      .prepare("signal_views_list"),
  ({ own, after }) => `${own} ${after}`,
);

/** Up to `limit` views by name, after a position. */
export function some(
  ctx: Ctx,
  { own }: { own?: boolean },
  after: [string, string] | null,
  limit: number,
): Promise<Row[]> {
  const position = { name: after?.[0], id: after?.[1] };
  return list(ctx, { own, after: after !== null }).execute({ ...valuesOf(ctx), ...position, limit }) as Promise<Row[]>;
}

type Wanted = { name: string; filters: Filters; sort: Kept["sort"] };
export async function insert(ctx: Ctx, { name, filters, sort }: Wanted): Promise<Row> {
  const [row] = await ctx.db
    .insert(signalViews)
    .values({
      id: ctx.newId(),
      tenantId: ctx.tenant.id,
      ownerId: ctx.actor.id,
      name,
      shared: false,
      filters: { ...filters, sort },
      createdAt: ctx.now,
      updatedAt: ctx.now,
    })
    .returning();
  return row as Row;
}

/** Writes a view that is held, one version on. */
export async function write(
  ctx: Ctx,
  before: Row,
  fields: Partial<Pick<Row, "name" | "filters" | "shared" | "deletedAt">>,
): Promise<Row> {
  const [row] = await ctx.db
    .update(signalViews)
    .set({ ...fields, version: before.version + 1, updatedAt: ctx.now })
    .where(and(eq(signalViews.tenantId, ctx.tenant.id), eq(signalViews.id, before.id)))
    .returning();
  return row as Row;
}

const unset = Object.fromEntries(Object.keys(searchFilters).map((name) => [name, null]));

/** The row as the contract shows it. */
export function show({ filters: { sort, ...filters }, ...row }: Row): SignalView {
  return {
    id: idOf("viw", row.id),
    ownerId: row.ownerId,
    name: row.name,
    shared: row.shared,
    filters: { ...unset, ...filters } as SignalView["filters"],
    sort,
    version: row.version,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}
