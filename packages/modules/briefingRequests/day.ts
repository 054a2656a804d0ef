import { record } from "@dais/kernel/audit";
import type { Ctx } from "@dais/kernel/context";
import { job } from "@dais/kernel/jobs";
import { type Moves, moveAll } from "@dais/kernel/machine";
import { emit } from "@dais/kernel/outbox";
import { schedule } from "@dais/kernel/schedules";
import { begun } from "@dais/kernel/waiting";
import { z } from "zod";
import { request } from "./rows.ts";
import { show, workflow } from "./workflow.ts";

/** Starts the day, and looks after what was asked: whoever drafts a day's briefing answers its request, for as long as that is there. */
const start = job({
  name: "briefingRequests.start",
  action: "briefing_request.start",
  quiet: true,
  schema: z.strictObject({}),
  retry: { limit: 3, delaySeconds: 10, backoff: true },
  expireSeconds: 120,
  async run(ctx: Ctx): Promise<undefined> {
    await begin(ctx);
    await each(ctx, "answer", drafted, "It has been drafted.");
    await each(ctx, "lapse", `day < ${today}`, "Its day is over.");
    await each(ctx, "ask", "state = 'requested' and ask_at <= $2", "No draft came in time.");
    await each(
      ctx,
      "ask",
      `state = 'answered' and day = ${today} and not ${drafted}`,
      "There is no draft of it any more.",
    );
    return undefined;
  },
});

/** Each minute: nobody is told later than that. */
export const dayStart = {
  jobs: [start],
  schedules: [schedule({ name: "briefingRequests.start", everySeconds: 60, job: start, data: {} })],
};

/** Tells that a day has started, where it has. The window alone is told: which signals are in it, each hearer reads within their clearance. */
async function begin(ctx: Ctx): Promise<void> {
  const row = await request(ctx);
  if (!row) return;
  const { id, version, classification } = row;
  const resource = { type: "briefing_request", id, version, classification };
  const after = show(row);
  record(ctx, { resource, after, event: "request", from: null, to: row.state });
  begun(ctx, workflow, row);
  const { day, from, to, agentId } = after;
  emit(ctx, { name: "briefing_request.requested", resource, payload: { id: after.id, day, from, to, agentId } });
}

/** There are as many open requests as days that were not looked after: few. */
const each = (ctx: Ctx, event: string, where: Moves["where"], reason: string) =>
  moveAll(ctx, workflow, event, { where, limit: 100, reason });

const today = "($2::timestamptz at time zone (select time_zone from organisations where id = $1))::date";

// What nobody will read is no answer.
const drafted = `exists (select from briefings b where b.tenant_id = $1 and b.day = briefing_requests.day
  and b.created_at >= briefing_requests.created_at and b.state not in ('withdrawn', 'expired'))`;
