import type { Ctx } from "@dais/kernel/context";
import { applied, type Status } from "./apply.ts";

/** Whoever read what they were told in the app has read that message, as if a vendor had said so. */
export async function seenInApp(ctx: Ctx, recipientId: string): Promise<void> {
  const rows = await ctx.send(inApp, [ctx.tenant.id, recipientId]);
  const read = { recipientId, channel: "in_app", status: "read", code: null } as const;
  const statuses = rows.map(
    ({ id, address, step }): Status => ({
      ...read,
      ...{ attemptId: id as string, address: address as string, step: step as number },
    }),
  );
  if (statuses.length > 0) await applied(ctx, statuses);
}

const inApp = `
  select id, address, step from dispatch_attempts
  where tenant_id = $1 and recipient_id = $2 and channel = 'in_app' and state = 'taken' order by step`;
