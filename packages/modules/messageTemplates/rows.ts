import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import type { MessageTemplate } from "@dais/contracts/messageTemplates";
import { messageTemplates } from "@dais/drizzle/schema/messageTemplates";
import type { Ctx } from "@dais/kernel/context";
import { meaning } from "@dais/kernel/faults";
import { Problem } from "@dais/kernel/problem";
import { and, desc, eq, isNotNull, isNull, sql } from "drizzle-orm";

export type Row = typeof messageTemplates.$inferSelect;

const mine = (ctx: Ctx, id: string) =>
  and(eq(messageTemplates.tenantId, ctx.tenant.id), eq(messageTemplates.id, uuidOf(id)));

/** @throws message_template_not_found */
export async function find(ctx: Ctx, id: string): Promise<Row> {
  const [row] = await ctx.db.select().from(messageTemplates).where(mine(ctx, id));
  if (!row) throw new Problem("message_template_not_found");
  return row;
}

/** The template, held until the end of the change. @throws message_template_not_found, message_template_changed, message_template_retired */
export async function hold(ctx: Ctx, id: string, version: number): Promise<Row> {
  const [row] = await ctx.db.select().from(messageTemplates).where(mine(ctx, id)).for("no key update");
  if (!row) throw new Problem("message_template_not_found");
  if (row.version !== version) throw new Problem("message_template_changed", { version: row.version });
  if (row.retiredAt) throw new Problem("message_template_retired", { version: row.version });
  return row;
}

/** Something can be made from it: it is there, and not retired. By its id or its key. */
export async function usable(ctx: Ctx, by: { id: string } | { key: string }): Promise<MessageTemplate | null> {
  const which = "id" in by ? mine(ctx, by.id) : eq(messageTemplates.key, by.key);
  const [row] = await ctx.db
    .select()
    .from(messageTemplates)
    .where(and(eq(messageTemplates.tenantId, ctx.tenant.id), which, isNull(messageTemplates.retiredAt)));
  return row ? show(row) : null;
}

type Filters = { category?: Row["category"]; key?: string; retired: boolean };

/** Up to `limit` templates, newest first. */
export function newest(ctx: Ctx, of: Filters, before: [string, string] | null, limit: number): Promise<Row[]> {
  const { tenantId, category, key, retiredAt, createdAt, id } = messageTemplates;
  return ctx.db
    .select()
    .from(messageTemplates)
    .where(
      and(
        ...[eq(tenantId, ctx.tenant.id), of.retired ? isNotNull(retiredAt) : isNull(retiredAt)],
        of.category ? eq(category, of.category) : undefined,
        of.key ? eq(key, of.key) : undefined,
        before ? sql`(${createdAt}, ${id}) < (${before[0]}::timestamptz, ${before[1]}::uuid)` : undefined,
      ),
    )
    .orderBy(desc(createdAt), desc(id))
    .limit(limit);
}

type Said = Pick<Row, "key" | "name" | "category" | "variables" | "languages">;

/** @throws message_template_key_taken */
export async function insert(ctx: Ctx, said: Said): Promise<Row> {
  const by = { createdBy: ctx.actor.id, updatedBy: ctx.actor.id, createdAt: ctx.now, updatedAt: ctx.now };
  const [row] = await meaning(
    { message_templates_key: () => new Problem("message_template_key_taken") },
    ctx.db
      .insert(messageTemplates)
      .values({ id: ctx.newId(), tenantId: ctx.tenant.id, ...said, ...by })
      .returning(),
  );
  return row as Row;
}

/** Writes a template that is held, one version on. */
export async function write(ctx: Ctx, { id, version }: Row, fields: Partial<Row>): Promise<Row> {
  const [row] = await ctx.db
    .update(messageTemplates)
    .set({ ...fields, version: version + 1, updatedBy: ctx.actor.id, updatedAt: ctx.now })
    .where(and(eq(messageTemplates.tenantId, ctx.tenant.id), eq(messageTemplates.id, id)))
    .returning();
  return row as Row;
}

export const resourceOf = ({ id, version }: Row) => ({ type: "message_template", id, version });

/** The row as the contract shows it. */
export const show = (row: Row): MessageTemplate => ({
  ...{ id: idOf("mtp", row.id), key: row.key, name: row.name, category: row.category },
  ...{ variables: row.variables, languages: row.languages, createdBy: row.createdBy, updatedBy: row.updatedBy },
  ...{ retiredAt: row.retiredAt?.toISOString() ?? null, version: row.version },
  ...{ createdAt: row.createdAt.toISOString(), updatedAt: row.updatedAt.toISOString() },
});
