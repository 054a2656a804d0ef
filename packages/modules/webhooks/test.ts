import { events } from "@dais/contracts";
import { idOf } from "@dais/contracts/kit/ids";
import type { webhooks as contract } from "@dais/contracts/webhooks";
import { webhookDeliveries, webhookMessages } from "@dais/drizzle/schema/webhooks";
import { record } from "@dais/kernel/audit";
import type { Ctx, Handlers } from "@dais/kernel/context";
import { emit } from "@dais/kernel/outbox";
import { Problem } from "@dais/kernel/problem";
import { bodyOf } from "@dais/kernel/webhooks/messages";
import { known } from "./rows.ts";
import { type Row, resourceOf } from "./workflow.ts";

const name = "webhook.tested";

/** Puts an event on its way to one webhook, so that its delivery can be watched at once. @throws webhook_not_found, webhook_off */
export const tryOut: Handlers<typeof contract>["test"] = async (ctx, { id }) => {
  const webhook = await known(ctx, id);
  if (webhook.state !== "active") throw new Problem("webhook_off", { state: webhook.state });
  const [eventId, deliveryId] = [ctx.newId(), ctx.newId()];
  const common = { tenantId: ctx.tenant.id, eventId, createdAt: ctx.now };
  const message = { name, entityId: webhook.entityId, occurredAt: ctx.now, body: said(ctx, webhook, eventId) };
  const delivery = { id: deliveryId, webhookId: webhook.id, bulk: false, nextAt: ctx.now, attempts: [] };
  await Promise.all([
    ctx.db
      .insert(webhookMessages)
      .values({ ...common, ...message })
      .execute(),
    ctx.db
      .insert(webhookDeliveries)
      .values({ ...common, ...delivery, state: "waiting" })
      .execute(),
  ]);
  record(ctx, { resource: resourceOf(webhook), reason: "tried out" });
  emit(ctx, { name: "webhook.tested", resource: resourceOf(webhook), payload: { id }, id: eventId });
  return { deliveryId: idOf("whd", deliveryId), eventId: idOf("evt", eventId) };
};

/** The event as its row in the outbox tells it. */
const said = ({ tenant, actor, now, requestId, publicUrl }: Ctx, webhook: Row, id: string): string =>
  bodyOf(
    {
      ...{ id, name, eventVersion: events.get(name)?.version ?? 1, occurredAt: now, requestId, traceparent: null },
      ...{ resourceVersion: webhook.version, entityId: webhook.entityId, classification: webhook.classification },
      ...{ payload: { id: idOf("whk", webhook.id) } },
      ...{ actorKind: actor.kind, actorId: actor.id, onBehalfOf: actor.onBehalfOf },
    },
    { url: publicUrl, tenant: tenant.slug },
  );
