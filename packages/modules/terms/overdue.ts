import type { Ctx } from "@dais/kernel/context";
import { job, type Step } from "@dais/kernel/jobs";
import { schedule } from "@dais/kernel/schedules";
import { tellOverdue } from "@dais/kernel/waiting";
import { z } from "zod";

/** What a step tells of at most. */
const batch = 500;

/** Tells of what has waited for too long, whatever it is. */
export const overdue = job({
  name: "terms.overdue",
  action: "term.overdue",
  quiet: true,
  schema: z.strictObject({}),
  retry: { limit: 3, delaySeconds: 10, backoff: true },
  expireSeconds: 120,
  async run(ctx: Ctx): Promise<Step | undefined> {
    return (await tellOverdue(ctx, batch)) === batch ? { next: null } : undefined;
  },
});

/** Each minute: nobody is told later than that. */
export const lookingForOverdue = schedule({ name: "terms.overdue", everySeconds: 60, job: overdue, data: {} });
