import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import type { Notification } from "@dais/contracts/notifications";
import { notifications } from "@dais/drizzle/schema/contacts";
import { arrayOf } from "@dais/drizzle/schema/texts";
import type { Ctx } from "@dais/kernel/context";
import { rowsInserter } from "@dais/kernel/insert";
import { statement } from "@dais/kernel/statement";
import { and, desc, eq, getTableColumns, isNotNull, isNull, sql } from "drizzle-orm";

export type Row = typeof notifications.$inferSelect;

const p = sql.placeholder;
/** What exists for the caller: their own, up to their clearance. */
const mine = and(
  eq(notifications.tenantId, p("tenant")),
  eq(notifications.personId, p("person")),
  sql`${notifications.classification} = any (${p("visible")}::text[])`,
);
const valuesOf = (ctx: Ctx) => ({
  tenant: ctx.tenant.id,
  person: uuidOf(ctx.actor.id),
  visible: arrayOf(ctx.visible),
});

type Shape = { unread?: boolean; after: boolean };
const list = statement(
  (db, { unread, after }: Shape) =>
    db
      .select()
      .from(notifications)
      .where(
        and(
          mine,
          unread === undefined ? undefined : unread ? isNull(notifications.readAt) : isNotNull(notifications.readAt),
          after
            ? sql`(${notifications.createdAt}, ${notifications.id}) < (${p("at")}::timestamptz, ${p("id")}::uuid)`
            : undefined,
        ),
      )
      .orderBy(desc(notifications.createdAt), desc(notifications.id))
      .limit(p("limit"))
      .prepare("notifications_list"),
  ({ unread, after }) => `${unread} ${after}`,
);

/** Up to `limit` of the caller's own, the newest first, after a position. */
export function some(
  ctx: Ctx,
  { unread }: { unread?: boolean },
  after: [string, string] | null,
  limit: number,
): Promise<Row[]> {
  const shape = { ...(unread !== undefined && { unread }), after: after !== null };
  return list(ctx, shape).execute({ ...valuesOf(ctx), at: after?.[0], id: after?.[1], limit });
}

const locked = statement((db) =>
  db
    .select()
    .from(notifications)
    .where(and(mine, eq(notifications.id, p("id"))))
    .for("update")
    .prepare("notifications_locked"),
);

/** Holds one of the caller's own, and reads it. */
export const hold = async (ctx: Ctx, id: string): Promise<Row | undefined> =>
  (await locked(ctx).execute({ ...valuesOf(ctx), id: uuidOf(id) }))[0];

export async function markRead(ctx: Ctx, { tenantId, id }: Row): Promise<Row> {
  const [row] = await ctx.db
    .update(notifications)
    .set({ readAt: ctx.now })
    .where(and(eq(notifications.tenantId, tenantId), eq(notifications.id, id)))
    .returning();
  return row as Row;
}

const inserter = rowsInserter(notifications, [], "on conflict do nothing returning id");

/** Puts them all there in one statement. @returns those that weren't there yet */
export async function insert(
  ctx: Ctx,
  some: readonly Omit<Row, "tenantId" | "createdAt" | "readAt">[],
): Promise<Row[]> {
  const at = { tenantId: ctx.tenant.id, createdAt: ctx.now, readAt: null };
  const rows = some.map((one) => ({ ...one, ...at }));
  const made = await inserter(ctx.send, rows.map(asColumns));
  const added = new Set(made.map(({ id }) => id));
  return rows.filter(({ id }) => added.has(id));
}

const columns = Object.entries(getTableColumns(notifications));
const asColumns = (row: Row) => Object.fromEntries(columns.map(([field, { name }]) => [name, row[field as keyof Row]]));

export const show = (row: Row): Notification => ({
  id: idOf("ntf", row.id),
  recipientId: idOf("dre", row.recipientId),
  title: row.title,
  body: row.body,
  language: row.language,
  classification: row.classification,
  createdAt: row.createdAt.toISOString(),
  readAt: row.readAt?.toISOString() ?? null,
});
