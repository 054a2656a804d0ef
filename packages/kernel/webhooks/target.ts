import type { Sources } from "../ids.ts";
import { uuidMaker } from "../ids.ts";
import type { Pool } from "../pool.ts";
import type { Target } from "../relay/consumer.ts";
import type { Tenants } from "../tenants.ts";
import { route, testEvent } from "./messages.ts";

/** Never changed: the relay knows by it what was given. */
export const webhooksTarget = "webhooks";

export type TargetOptions = {
  app: Pool;
  tenants: Tenants;
  publicUrl: string;
  sources: Sources;
  /** Told when there is something to send. */
  routed(): void;
};

/** Puts each event on its way to the webhooks that ask for it. What is given twice is there once. */
export function target({ app, tenants, publicUrl, sources, routed }: TargetOptions): Target {
  const newId = uuidMaker(sources);
  return {
    name: webhooksTarget,
    // Who tries a webhook has put it on its way.
    hears: ({ name }) => name !== testEvent,
    deliver: async (event) => {
      const tenant = await tenants(event.tenantId);
      const of = { url: publicUrl, now: sources.now(), newId };
      const count = await app.hold(tenant.id, async (lane) => {
        const opening = lane.send(wall, [tenant.id]);
        const routing = route(lane.send, tenant, event, of);
        routing.catch(() => {});
        await opening;
        return routing;
      });
      if (count > 0) routed();
    },
  };
}

const wall = "select set_config('dais.tenant', $1, false), set_config('default_transaction_read_only', 'off', false)";
