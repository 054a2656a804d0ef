import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import type { WebhookDelivery } from "@dais/contracts/webhookDeliveries";
import { arrayOf } from "@dais/drizzle/schema/texts";
import { webhookDeliveries as deliveries, webhookMessages as messages, webhooks } from "@dais/drizzle/schema/webhooks";
import type { Ctx } from "@dais/kernel/context";
import { statement } from "@dais/kernel/statement";
import { and, desc, eq, isNull, or, sql } from "drizzle-orm";

const shown = {
  delivery: deliveries,
  name: messages.name,
  classification: messages.classification,
  entityId: messages.entityId,
  occurredAt: messages.occurredAt,
  webhookState: webhooks.state,
};
export type Row = {
  delivery: typeof deliveries.$inferSelect;
  webhookState: string;
} & Pick<typeof messages.$inferSelect, "name" | "classification" | "entityId" | "occurredAt">;

const p = sql.placeholder;
const visible = sql`${p("visible")}::text[]`;
const within = and(eq(messages.tenantId, deliveries.tenantId), eq(messages.eventId, deliveries.eventId));
const of = and(eq(webhooks.tenantId, deliveries.tenantId), eq(webhooks.id, deliveries.webhookId));
/** Every query's first condition: the caller's tenant, and both the event and the webhook at or below the caller's clearance. */
const mine = and(
  eq(deliveries.tenantId, p("tenant")),
  sql`${webhooks.classification} = any (${visible})`,
  or(isNull(messages.classification), sql`${messages.classification} = any (${visible})`),
);
const byId = statement((db) =>
  db
    .select(shown)
    .from(deliveries)
    .innerJoin(messages, within)
    .innerJoin(webhooks, of)
    .where(and(mine, eq(deliveries.id, p("id"))))
    .prepare("webhook_deliveries_by_id"),
);
const locked = statement((db) =>
  db
    .select(shown)
    .from(deliveries)
    .innerJoin(messages, within)
    .innerJoin(webhooks, of)
    .where(and(mine, eq(deliveries.id, p("id"))))
    .for("update", { of: deliveries })
    .prepare("webhook_deliveries_locked"),
);
const list = statement(
  (db, given: { state: boolean; after: boolean }) =>
    db
      .select(shown)
      .from(deliveries)
      .innerJoin(messages, within)
      .innerJoin(webhooks, of)
      .where(
        and(
          mine,
          eq(deliveries.webhookId, p("webhook")),
          given.state ? eq(deliveries.state, p("state")) : undefined,
          given.after
            ? sql`(${deliveries.createdAt}, ${deliveries.id}) < (${p("at")}::timestamptz, ${p("before")}::uuid)`
            : undefined,
        ),
      )
      .orderBy(desc(deliveries.createdAt), desc(deliveries.id))
      .limit(p("limit"))
      .prepare("webhook_deliveries_list"),
  ({ state, after }) => `${state} ${after}`,
);

const seenBy = (ctx: Ctx) => ({ tenant: ctx.tenant.id, visible: arrayOf(ctx.visible) });

export async function find(ctx: Ctx, id: string): Promise<Row | undefined> {
  const [row] = await byId(ctx).execute({ ...seenBy(ctx), id });
  return row;
}

/** The delivery, held until the end of the change. */
export async function hold(ctx: Ctx, id: string): Promise<Row | undefined> {
  const [row] = await locked(ctx).execute({ ...seenBy(ctx), id });
  return row;
}

type Filters = { webhookId: string; state?: WebhookDelivery["state"]; limit: number };

/** Up to `limit + 1` rows, newest first. */
export function some(ctx: Ctx, { webhookId, state, limit }: Filters, before: [string, string] | null): Promise<Row[]> {
  const given = { state: state !== undefined, after: before !== null };
  return list(ctx, given).execute({
    ...{ ...seenBy(ctx), webhook: uuidOf(webhookId), state },
    ...{ at: before?.[0], before: before?.[1], limit: limit + 1 },
  });
}

/** Has a delivery that is held begin anew, before all that waits. */
export async function again(ctx: Ctx, id: string): Promise<Row["delivery"]> {
  const [row] = await ctx.db
    .update(deliveries)
    .set({ state: "waiting", bulk: false, tries: 0, nextAt: ctx.now, error: null, finishedAt: null })
    .where(and(eq(deliveries.tenantId, ctx.tenant.id), eq(deliveries.id, id)))
    .returning();
  return row as Row["delivery"];
}

export const resourceOf = ({ delivery, classification, entityId }: Row) => ({
  ...{ type: "webhook_delivery", id: delivery.id },
  ...{ classification, entityId },
});

export const show = ({ delivery, ...message }: Row): WebhookDelivery => ({
  id: idOf("whd", delivery.id),
  webhookId: idOf("whk", delivery.webhookId),
  eventId: idOf("evt", delivery.eventId),
  event: message.name,
  classification: message.classification,
  state: delivery.state,
  error: delivery.error,
  attempts: delivery.attempts,
  nextAt: delivery.nextAt?.toISOString() ?? null,
  replay: delivery.bulk,
  occurredAt: message.occurredAt.toISOString(),
  createdAt: delivery.createdAt.toISOString(),
  finishedAt: delivery.finishedAt?.toISOString() ?? null,
});
