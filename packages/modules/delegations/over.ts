import type { Ctx } from "@dais/kernel/context";
import { job, type Step } from "@dais/kernel/jobs";
import { schedule } from "@dais/kernel/schedules";
import { z } from "zod";
import { ended } from "./ended.ts";
import { endThoseOver } from "./rows.ts";

/** What a step ends at most. */
const batch = 200;

/** Puts on record that delegations are over which nobody ended. */
const over = job({
  name: "delegations.endOver",
  action: "delegation.end",
  quiet: true,
  schema: z.strictObject({}),
  retry: { limit: 3, delaySeconds: 10, backoff: true },
  expireSeconds: 120,
  async run(ctx: Ctx): Promise<Step | undefined> {
    const all = await endThoseOver(ctx, batch);
    for (const after of all) {
      const before = { ...after, endedAt: null, version: after.version - 1 };
      const came = after.endedAt === after.until;
      ended(
        ctx,
        before,
        after,
        came ? "Its time has come." : "Its giver can't make its moves, or its receiver is shut out.",
      );
    }
    return all.length === batch ? { next: null } : undefined;
  },
});

export const delegationJobs = {
  jobs: [over],
  schedules: [schedule({ name: "delegations.endOver", everySeconds: 60, job: over, data: {} })],
};
