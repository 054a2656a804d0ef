import type { Ctx } from "@dais/kernel/context";
import { job, type Step } from "@dais/kernel/jobs";
import { moveAll } from "@dais/kernel/machine";
import { schedule } from "@dais/kernel/schedules";
import { today } from "@dais/kernel/today";
import { z } from "zod";
import { workflow } from "./workflow.ts";

/** What a step ends at most. */
const batch = 200;

/** Ends what was not distributed on its day, in the organisation's time zone. */
const expire = job({
  name: "briefings.expire",
  action: "briefing.expire",
  quiet: true,
  schema: z.strictObject({}),
  retry: { limit: 3, delaySeconds: 10, backoff: true },
  expireSeconds: 120,
  async run(ctx: Ctx): Promise<Step | undefined> {
    const ended = await moveAll(ctx, workflow, "expire", {
      ...{ where: "day < (select (along->>'today')::date from given)", limit: batch },
      ...{ reason: "Its day is over.", given: { today: today(ctx) } },
    });
    return ended.length === batch ? { next: null } : undefined;
  },
});

export const expiry = {
  jobs: [expire],
  schedules: [schedule({ name: "briefings.expire", everySeconds: 60, job: expire, data: {} })],
};
