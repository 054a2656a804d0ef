import { moveAll } from "@dais/kernel/machine";
import { task } from "@dais/kernel/task";
import { workflow } from "./workflow.ts";

/** Gives a webhook up that is switched on. Whoever may switch it on again finds it among what waits for them. */
export const giveUp = task({
  name: "webhooks.fail",
  action: "webhook.fail",
  quiet: true,
  run: (ctx, { webhookId, reason }: { webhookId: string; reason: string }) =>
    moveAll(ctx, workflow, "fail", {
      where: "id = (select (along ->> 'id')::uuid from given)",
      limit: 1,
      given: { id: webhookId },
      reason,
    }),
});
