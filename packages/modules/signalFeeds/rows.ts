import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import type { SignalFeed } from "@dais/contracts/signalFeeds";
import { signalFeeds } from "@dais/drizzle/schema/signalFeeds";
import { arrayOf } from "@dais/drizzle/schema/texts";
import type { Ctx } from "@dais/kernel/context";
import { meaning } from "@dais/kernel/faults";
import { Problem } from "@dais/kernel/problem";
import { statement } from "@dais/kernel/statement";
import { and, asc, eq, gt, isNull, sql } from "drizzle-orm";

export type Row = typeof signalFeeds.$inferSelect;

const p = sql.placeholder;
const undeleted = and(eq(signalFeeds.tenantId, p("tenant")), isNull(signalFeeds.deletedAt));
/** What exists for the caller: what was not deleted, and brings nothing above their clearance. */
const there = and(undeleted, sql`${signalFeeds.classification} = any (${p("visible")}::text[])`);

const byId = statement((db) =>
  db
    .select()
    .from(signalFeeds)
    .where(and(there, eq(signalFeeds.id, p("id"))))
    .prepare("signal_feeds_by_id"),
);
const locked = statement((db) =>
  db
    .select()
    .from(signalFeeds)
    .where(and(there, eq(signalFeeds.id, p("id"))))
    .for("update")
    .prepare("signal_feeds_locked"),
);
const asked = statement((db) =>
  db
    .select()
    .from(signalFeeds)
    .where(and(undeleted, eq(signalFeeds.id, p("id"))))
    .for("update")
    .prepare("signal_feeds_asked"),
);
const list = statement(
  (db, after: boolean) =>
    db
      .select()
      .from(signalFeeds)
      .where(and(there, after ? gt(signalFeeds.source, p("after")) : undefined))
      .orderBy(asc(signalFeeds.source))
      .limit(p("limit"))
      .prepare("signal_feeds_list"),
  String,
);

const seenBy = (ctx: Ctx) => ({ tenant: ctx.tenant.id, visible: arrayOf(ctx.visible) });

/** @throws signal_feed_not_found */
export async function known(ctx: Ctx, id: string): Promise<Row> {
  const [row] = await byId(ctx).execute({ ...seenBy(ctx), id: uuidOf(id) });
  if (!row) throw new Problem("signal_feed_not_found");
  return row;
}

/** The feed, held until the end of the change; undefined where there is none. */
export const hold = async (ctx: Ctx, uuid: string): Promise<Row | undefined> =>
  (await locked(ctx).execute({ ...seenBy(ctx), id: uuid }))[0];

/** The same for the server itself, which asks a feed also where its level of classification is gone, and then says so. */
export const holdAsked = async (ctx: Ctx, uuid: string): Promise<Row | undefined> =>
  (await asked(ctx).execute({ tenant: ctx.tenant.id, id: uuid }))[0];

/** Up to `limit` feeds in the order of their sources, after one. */
export const some = (ctx: Ctx, after: string | null, limit: number): Promise<Row[]> =>
  list(ctx, after !== null).execute({ ...seenBy(ctx), after, limit });

const broken = {
  signal_feeds_source: () => new Problem("signal_feed_source_taken"),
  signal_feeds_entity: () => new Problem("signal_feed_entity_unknown"),
};

/** @throws signal_feed_source_taken, signal_feed_entity_unknown */
export async function insert(ctx: Ctx, values: Omit<typeof signalFeeds.$inferInsert, "id" | "tenantId">): Promise<Row> {
  const [row] = await meaning(
    broken,
    ctx.db
      .insert(signalFeeds)
      .values({ ...values, id: ctx.newId(), tenantId: ctx.tenant.id })
      .returning(),
  );
  return row as Row;
}

/** Writes a feed that is held. @throws signal_feed_source_taken, signal_feed_entity_unknown */
export async function write(ctx: Ctx, { id }: Row, fields: Partial<Row>): Promise<Row> {
  const [row] = await meaning(
    broken,
    ctx.db
      .update(signalFeeds)
      .set(fields)
      .where(and(eq(signalFeeds.tenantId, ctx.tenant.id), eq(signalFeeds.id, id)))
      .returning(),
  );
  return row as Row;
}

const dueText = `
  select id, version, url, etag, last_modified from signal_feeds
  where tenant_id = $1 and enabled and deleted_at is null and next_at <= $2 order by next_at limit $3 for update skip locked`;
const begunText = `
  update signal_feeds set next_at = $3::timestamptz + make_interval(mins => every_minutes) where tenant_id = $1 and id = any ($2::uuid[])`;

export type Due = { id: string; version: number; url: string; etag: string | null; lastModified: string | null };

/** Up to `limit` feeds whose time has come. Their next one is as if they were good: who asks them will know better. */
export async function takeDue(ctx: Ctx, limit: number): Promise<Due[]> {
  const now = ctx.now.toISOString();
  const rows = await ctx.send(dueText, [ctx.tenant.id, now, limit]);
  if (rows.length === 0) return [];
  await ctx.send(begunText, [ctx.tenant.id, arrayOf(rows.map(({ id }) => id as string)), now]);
  return rows.map((row) => ({
    id: row.id as string,
    version: row.version as number,
    url: row.url as string,
    etag: row.etag as string | null,
    lastModified: row.last_modified as string | null,
  }));
}

/** The row as the contract shows it. */
export function show(row: Row): SignalFeed {
  return {
    id: idOf("fed", row.id),
    name: row.name,
    source: row.source,
    url: row.url,
    everyMinutes: row.everyMinutes,
    classification: row.classification,
    entityId: row.entityId && idOf("ent", row.entityId),
    leastSeverity: row.leastSeverity,
    enabled: row.enabled,
    askedAt: row.askedAt?.toISOString() ?? null,
    lastGoodAt: row.lastGoodAt?.toISOString() ?? null,
    lastError: row.lastError as SignalFeed["lastError"],
    failures: row.failures,
    nextAt: row.nextAt?.toISOString() ?? null,
    version: row.version,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

export const resourceOf = ({ id, version, classification, entityId }: Row) => ({
  type: "signal_feed",
  id,
  version,
  classification,
  entityId,
});
