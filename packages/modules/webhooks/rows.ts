import { uuidOf } from "@dais/contracts/kit/ids";
import { mostWebhooks } from "@dais/contracts/webhooks/values";
import { arrayOf } from "@dais/drizzle/schema/texts";
import { webhooks } from "@dais/drizzle/schema/webhooks";
import type { Ctx } from "@dais/kernel/context";
import { meaning } from "@dais/kernel/faults";
import { Problem } from "@dais/kernel/problem";
import { statement } from "@dais/kernel/statement";
import { and, desc, eq, ne, sql } from "drizzle-orm";
import type { Row } from "./workflow.ts";

const p = sql.placeholder;
/** What exists for the caller: what was not deleted, and hears nothing above their clearance. */
const there = and(
  eq(webhooks.tenantId, p("tenant")),
  ne(webhooks.state, sql`'deleted'`),
  sql`${webhooks.classification} = any (${p("visible")}::text[])`,
);
const one = and(there, eq(webhooks.id, p("id")));
const byId = statement((db) => db.select().from(webhooks).where(one).prepare("webhooks_by_id"));
const locked = statement((db) => db.select().from(webhooks).where(one).for("no key update").prepare("webhooks_locked"));

const seenBy = (ctx: Ctx) => ({ tenant: ctx.tenant.id, visible: arrayOf(ctx.visible) });

/** @throws webhook_not_found */
export async function known(ctx: Ctx, id: string): Promise<Row> {
  const [row] = await byId(ctx).execute({ ...seenBy(ctx), id: uuidOf(id) });
  if (!row) throw new Problem("webhook_not_found");
  return row;
}

/** The webhook, held until the end of the change. @throws webhook_not_found, webhook_changed */
export async function hold(ctx: Ctx, id: string, version: number): Promise<Row> {
  const [row] = await locked(ctx).execute({ ...seenBy(ctx), id: uuidOf(id) });
  if (!row) throw new Problem("webhook_not_found");
  if (row.version !== version) throw new Problem("webhook_changed", { version: row.version, state: row.state });
  return row;
}

const list = statement(
  (db, given: { state: boolean; after: boolean }) =>
    db
      .select()
      .from(webhooks)
      .where(
        and(
          there,
          given.state ? eq(webhooks.state, p("state")) : undefined,
          given.after
            ? sql`(${webhooks.createdAt}, ${webhooks.id}) < (${p("at")}::timestamptz, ${p("before")}::uuid)`
            : undefined,
        ),
      )
      .orderBy(desc(webhooks.createdAt), desc(webhooks.id))
      .limit(p("limit"))
      .prepare("webhooks_list"),
  ({ state, after }) => `${state} ${after}`,
);

/** Up to `limit` webhooks, newest first. */
export function newest(
  ctx: Ctx,
  { state }: { state?: string },
  before: [string, string] | null,
  limit: number,
): Promise<Row[]> {
  const given = { state: state !== undefined, after: before !== null };
  return list(ctx, given).execute({ ...seenBy(ctx), state, at: before?.[0], before: before?.[1], limit });
}

const broken = { webhooks_entity: () => new Problem("webhook_entity_unknown") };

/** Those of an organisation are made one after the other, so that the limit holds. @throws webhook_entity_unknown, webhook_limit */
export async function insert(ctx: Ctx, values: Omit<typeof webhooks.$inferInsert, "tenantId">): Promise<Row> {
  const { id: tenantId } = ctx.tenant;
  const [, [others], [row]] = await Promise.all([
    ctx.send("select pg_advisory_xact_lock(hashtextextended($1, 0))", [`webhooks ${tenantId}`]),
    ctx.send(othersText, [tenantId, mostWebhooks]),
    meaning(
      broken,
      ctx.db
        .insert(webhooks)
        .values({ ...values, tenantId })
        .returning(),
    ),
  ]);
  if (Number(others?.count) >= mostWebhooks) throw new Problem("webhook_limit", { limit: mostWebhooks });
  return row as Row;
}
const othersText = `
  select count(*) from (select from webhooks where tenant_id = $1 and state <> 'deleted' limit $2) as w`;

/** Writes a webhook that is held, one version on. @throws webhook_entity_unknown */
export async function write(ctx: Ctx, { id, version }: Row, fields: Partial<Row>): Promise<Row> {
  const [row] = await meaning(
    broken,
    ctx.db
      .update(webhooks)
      .set({ ...fields, version: version + 1, updatedAt: ctx.now })
      .where(and(eq(webhooks.tenantId, ctx.tenant.id), eq(webhooks.id, id)))
      .returning(),
  );
  return row as Row;
}
