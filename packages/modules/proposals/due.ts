import type { Ctx } from "@dais/kernel/context";
import { job, type Step } from "@dais/kernel/jobs";
import { moveAll } from "@dais/kernel/machine";
import { schedule } from "@dais/kernel/schedules";
import { z } from "zod";
import { workflow } from "./workflow.ts";

/** What a step moves at most. */
const batch = 500;
const late = { where: "expires_at <= $2", limit: batch, reason: "Nobody decided in time." };

/** Ends proposals that nobody decided about in time. */
export const expire = job({
  name: "proposals.expire",
  action: "proposal.expire",
  quiet: true,
  schema: z.strictObject({}),
  retry: { limit: 3, delaySeconds: 10, backoff: true },
  expireSeconds: 120,
  run: async (ctx: Ctx): Promise<Step | undefined> =>
    (await moveAll(ctx, workflow, "expire", late)).length > 0 ? { next: null } : undefined,
});

/** Nobody can decide about them any more before: this only says so. */
export const expiring = schedule({ name: "proposals.expire", everySeconds: 300, job: expire, data: {} });
