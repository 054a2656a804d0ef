import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import type { webhookDeliveries as contract } from "@dais/contracts/webhookDeliveries";
import { record } from "@dais/kernel/audit";
import type { Handlers } from "@dais/kernel/context";
import { emit } from "@dais/kernel/outbox";
import { pageOf, positionOf } from "@dais/kernel/paging";
import { Problem } from "@dais/kernel/problem";
import { again, find, hold, resourceOf, show, some } from "./rows.ts";

/** One function for each operation of contracts/webhookDeliveries.ts, under the same name. The sender does what they ask for. */
export const webhookDeliveries: Handlers<typeof contract> = {
  list: async (ctx, input) => {
    const rows = await some(ctx, input, positionOf(ctx, input) as [string, string] | null);
    return pageOf(ctx, input, rows, show, ({ delivery }) => [delivery.createdAt.toISOString(), delivery.id]);
  },

  get: async (ctx, { id }) => {
    const row = await find(ctx, uuidOf(id));
    if (!row) throw new Problem("webhook_delivery_not_found");
    return show(row);
  },

  redeliver: async (ctx, { id }) => {
    const before = await hold(ctx, uuidOf(id));
    if (!before) throw new Problem("webhook_delivery_not_found");
    if (before.webhookState !== "active") throw new Problem("webhook_delivery_off", { state: before.webhookState });
    const after = { ...before, delivery: await again(ctx, before.delivery.id) };
    record(ctx, { resource: resourceOf(before), before: show(before), after: show(after) });
    // It also wakes the sender.
    const webhookId = idOf("whk", before.delivery.webhookId);
    emit(ctx, { name: "webhook_delivery.redelivered", resource: resourceOf(before), payload: { id, webhookId } });
    return show(after);
  },
};
