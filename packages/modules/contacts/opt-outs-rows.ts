import type { OptOut } from "@dais/contracts/contacts";
import type { Channel } from "@dais/contracts/dispatches/values";
import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import { channelOptOuts } from "@dais/drizzle/schema/contacts";
import type { Ctx } from "@dais/kernel/context";
import { statement } from "@dais/kernel/statement";
import { shortened } from "@dais/modules/dispatchRecipients";
import { and, desc, eq, isNotNull, isNull, sql } from "drizzle-orm";
import type { Way } from "./opted-out.ts";

export type Row = typeof channelOptOuts.$inferSelect;

const p = sql.placeholder;
type Shape = { channel: boolean; ended?: boolean; after: boolean };
const list = statement(
  (db, { channel, ended, after }: Shape) =>
    db
      .select()
      .from(channelOptOuts)
      .where(
        and(
          eq(channelOptOuts.tenantId, p("tenant")),
          channel ? eq(channelOptOuts.channel, p("channel")) : undefined,
          ended === undefined ? undefined : ended ? isNotNull(channelOptOuts.endedAt) : isNull(channelOptOuts.endedAt),
          after
            ? sql`(${channelOptOuts.at}, ${channelOptOuts.id}) < (${p("at")}::timestamptz, ${p("id")}::uuid)`
            : undefined,
        ),
      )
      .orderBy(desc(channelOptOuts.at), desc(channelOptOuts.id))
      .limit(p("limit"))
      .prepare("channel_opt_outs_list"),
  ({ channel, ended, after }) => `${channel} ${ended} ${after}`,
);

/** Up to `limit` opt-outs, the newest first, after a position. */
export function optOuts(
  ctx: Ctx,
  { channel, ended }: { channel?: Channel; ended?: boolean },
  after: [string, string] | null,
  limit: number,
): Promise<Row[]> {
  const shape = { channel: channel !== undefined, ...(ended !== undefined && { ended }), after: after !== null };
  return list(ctx, shape).execute({ tenant: ctx.tenant.id, channel, at: after?.[0], id: after?.[1], limit });
}

/** @returns those that had not opted out already */
export const insertOptOuts = (ctx: Ctx, some: readonly (Way & { source: OptOut["source"] })[]): Promise<Row[]> =>
  ctx.db
    .insert(channelOptOuts)
    .values(some.map((one) => ({ id: ctx.newId(), tenantId: ctx.tenant.id, at: ctx.now, ...one })))
    .onConflictDoNothing()
    .returning();

/** @returns undefined where the address had not opted out */
export async function endedOptOut(ctx: Ctx, { channel, address }: Way): Promise<Row | undefined> {
  const [row] = await ctx.db
    .update(channelOptOuts)
    .set({ endedAt: ctx.now })
    .where(
      and(
        eq(channelOptOuts.tenantId, ctx.tenant.id),
        eq(channelOptOuts.channel, channel),
        eq(channelOptOuts.address, address),
        isNull(channelOptOuts.endedAt),
      ),
    )
    .returning();
  return row;
}

const one = and(eq(channelOptOuts.tenantId, p("tenant")), eq(channelOptOuts.id, p("id")));
const locked = statement((db) =>
  db.select().from(channelOptOuts).where(one).for("update").prepare("channel_opt_outs_locked"),
);

/** Holds it against others who end it, and reads it. */
export const holdOptOut = async (ctx: Ctx, id: string): Promise<Row | undefined> =>
  (await locked(ctx).execute({ tenant: ctx.tenant.id, id: uuidOf(id) }))[0];

/** Ends one that is held. */
export async function endOptOut(ctx: Ctx, { id }: Row): Promise<Row> {
  const [row] = await ctx.db
    .update(channelOptOuts)
    .set({ endedAt: ctx.now })
    .where(and(eq(channelOptOuts.tenantId, ctx.tenant.id), eq(channelOptOuts.id, id)))
    .returning();
  return row as Row;
}

/** Addresses in full are for who may see the people whose they are. */
export const shownTo =
  (ctx: Ctx) =>
  (row: Row): OptOut =>
    shown(row, !ctx.actor.permissions.has("person.read"));

export const shown = (row: Row, short: boolean): OptOut => ({
  id: idOf("opt", row.id),
  channel: row.channel,
  address: short ? shortened(row.address) : row.address,
  source: row.source,
  at: row.at.toISOString(),
  endedAt: row.endedAt?.toISOString() ?? null,
});
