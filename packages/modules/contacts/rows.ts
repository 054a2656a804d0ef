import type { ContactPreferences } from "@dais/contracts/contacts";
import { uuidOf } from "@dais/contracts/kit/ids";
import { contactPreferences } from "@dais/drizzle/schema/contacts";
import type { Ctx } from "@dais/kernel/context";
import { statement } from "@dais/kernel/statement";
import { and, eq, sql } from "drizzle-orm";

export type Row = typeof contactPreferences.$inferSelect;
type Chosen = Pick<Row, "channels" | "quietHours">;

const p = sql.placeholder;
const mine = and(eq(contactPreferences.tenantId, p("tenant")), eq(contactPreferences.personId, p("person")));

const read = statement((db) => db.select().from(contactPreferences).where(mine).prepare("contact_preferences_own"));
const locked = statement((db) =>
  db.select().from(contactPreferences).where(mine).for("update").prepare("contact_preferences_locked"),
);
const valuesOf = (ctx: Ctx) => ({ tenant: ctx.tenant.id, person: uuidOf(ctx.actor.id) });

/** What the caller said; undefined where that is nothing. */
export const own = async (ctx: Ctx): Promise<Row | undefined> => (await read(ctx).execute(valuesOf(ctx)))[0];

/** Holds it against others who change it, and reads it. */
export const hold = async (ctx: Ctx): Promise<Row | undefined> => (await locked(ctx).execute(valuesOf(ctx)))[0];

/** Writes what was said for the first time. @returns undefined where somebody has just done so */
export async function insert(ctx: Ctx, chosen: Chosen): Promise<Row | undefined> {
  const [row] = await ctx.db
    .insert(contactPreferences)
    .values({
      ...{ tenantId: ctx.tenant.id, personId: uuidOf(ctx.actor.id), ...chosen },
      ...{ version: 2, createdAt: ctx.now, updatedAt: ctx.now },
    })
    .onConflictDoNothing()
    .returning();
  return row;
}

/** Writes what is held, one version on. */
export async function write(ctx: Ctx, before: Row, chosen: Chosen): Promise<Row> {
  const [row] = await ctx.db
    .update(contactPreferences)
    .set({ ...chosen, version: before.version + 1, updatedAt: ctx.now })
    .where(and(eq(contactPreferences.tenantId, before.tenantId), eq(contactPreferences.personId, before.personId)))
    .returning();
  return row as Row;
}

/** As the contract shows it. Who never said anything may be reached by everything, at any time. */
export const show = (personId: string, row: Row | undefined): ContactPreferences => ({
  personId,
  channels: row?.channels ?? {},
  quietHours: row?.quietHours ?? null,
  version: row?.version ?? 1,
  updatedAt: row?.updatedAt.toISOString() ?? null,
});
