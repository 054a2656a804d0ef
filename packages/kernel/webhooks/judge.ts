import { events } from "@dais/contracts";
import type { Pool } from "../pool.ts";
import { lowest } from "../standing.ts";
import { standingNow } from "../standing-now.ts";
import { mayHear } from "../streams/hearing.ts";
import type { Tenants } from "../tenants.ts";
import { testEvent } from "./messages.ts";
import type { Due } from "./take.ts";

/**
 * Whether a webhook may hear of an event now: whoever owns it must, as on a stream, and the event must lie within the webhook's own
 * level and entity. Asked just before each attempt; one exchange.
 */
export function judging({ app, tenants, now }: { app: Pool; tenants: Tenants; now(): Date }) {
  return async ({
    tenantId,
    event,
    body,
    webhook,
  }: Pick<Due, "tenantId" | "event" | "body" | "webhook">): Promise<boolean> => {
    const tenant = await tenants(tenantId);
    const [standing, inside] = await app.hold(tenantId, async (lane) => {
      const opening = lane.send(wall, [tenantId]);
      const asked = Promise.all([
        standingNow({ tenant, now: now(), send: (text, params) => lane.send(text, params) }, webhook.ownerId),
        webhook.entityId === null
          ? true
          : lane.send(within, [tenantId, event.entityId, webhook.entityId]).then(([row]) => row?.inside === true),
      ]);
      asked.catch(() => {});
      await opening;
      return asked;
    });
    if (!standing || !inside) return false;
    // It says nothing but that somebody tries the webhook.
    if (event.name === testEvent) return true;
    const clearance = lowest(tenant.levels, [standing.clearance, webhook.classification]);
    const permissions = standing.permissions ?? new Set(webhook.ownerPermissions ?? []);
    return mayHear(
      { actor: { id: webhook.ownerId, permissions, clearance }, tenant },
      { ...event, payload: payloadIn(event.name, body) },
    );
  };
}

/** What the message says, read where that decides who may hear of it. */
const payloadIn = (name: string, body: string): Record<string, unknown> =>
  events.get(name)?.own ? (JSON.parse(body) as { data: Record<string, unknown> }).data : {};

const wall = "select set_config('dais.tenant', $1, false), set_config('default_transaction_read_only', 'on', false)";
const within = "select $3::uuid in (select entities_above($1, $2)) as inside";
