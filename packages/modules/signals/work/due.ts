import type { Ctx } from "@dais/kernel/context";
import { job, type Step } from "@dais/kernel/jobs";
import { moveAll } from "@dais/kernel/machine";
import { schedule } from "@dais/kernel/schedules";
import { z } from "zod";
import { workflow } from "../workflow.ts";

/** What a step moves at most. */
const batch = 500;
const wake = { where: "snoozed_until <= $2", limit: batch, reason: "Its time has come." };
const raise = { where: "raise_at <= $2", limit: batch, reason: "Nobody touched it since it was acknowledged." };

/** Brings signals back: those whose snooze is over, and those that were acknowledged and forgotten. */
export const comeBack = job({
  name: "signals.comeBack",
  action: "signal.come_back",
  quiet: true,
  schema: z.strictObject({}),
  retry: { limit: 3, delaySeconds: 10, backoff: true },
  expireSeconds: 120,
  async run(ctx: Ctx): Promise<Step | undefined> {
    const [woken, raised] = [await moveAll(ctx, workflow, "wake", wake), await moveAll(ctx, workflow, "raise", raise)];
    return woken.length + raised.length > 0 ? { next: null } : undefined;
  },
});

/** A snooze that ends has its own job; this one finds the forgotten, and whatever that job may have missed. */
export const comingBack = schedule({ name: "signals.comeBack", everySeconds: 300, job: comeBack, data: {} });
