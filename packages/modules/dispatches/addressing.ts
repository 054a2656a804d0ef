import { idOf } from "@dais/contracts/kit/ids";
import { record } from "@dais/kernel/audit";
import type { Ctx } from "@dais/kernel/context";
import { job, type Step } from "@dais/kernel/jobs";
import { emit } from "@dais/kernel/outbox";
import { address } from "@dais/modules/dispatchRecipients";
import { settingsOf } from "@dais/modules/organisations";
import { z } from "zod";
import { addresseesOf, peopleAfter } from "./audience.ts";
import { hold, markAddressed } from "./rows.ts";
import { type Row, resourceOf } from "./workflow.ts";

/** How many a step writes down at most: a stop waits for one. */
const batch = 500;
const Place = z.object({ done: z.number(), after: z.string().nullable() });

/** Writes down whom a large dispatch is for, some in each step, in the order of their ids; it ends where the dispatch was stopped. */
export const addressing = job({
  name: "dispatches.address",
  action: "dispatch.address",
  quiet: true,
  schema: Place.extend({ dispatchId: z.string() }),
  retry: { limit: 5, delaySeconds: 5, backoff: true },
  expireSeconds: 120,
  async run(ctx, { dispatchId, ...from }, { position }): Promise<Step | undefined> {
    const { done, after } = position === null ? from : Place.parse(position);
    const row = await hold(ctx, dispatchId);
    if (!row || row.addressedAt) return;
    if (row.state !== "running") return over(ctx, row, done);
    const room = Math.min(batch, row.recipients - done);
    const said = addresseesOf(row.audience).slice(done, done + room);
    const { languages } = await settingsOf(ctx);
    const of = { audience: row.audience, classification: row.classification, language: languages[0] ?? "en" };
    const some = await peopleAfter(ctx, { ...of, after, limit: room - said.length });
    const all = [...said, ...some.people];
    await address(ctx, row, all);
    const now = done + all.length;
    // Fewer than were asked for: nobody is left. As many as there were when it was made: no more than was reserved.
    if (all.length < room || now >= row.recipients) return over(ctx, row, now);
    return { next: { done: now, after: some.after }, done: now, total: row.recipients };
  },
});

async function over(ctx: Ctx, before: Row, recipients: number): Promise<undefined> {
  const resource = resourceOf(await markAddressed(ctx, before));
  record(ctx, { resource, after: { recipients }, reason: "Everybody was written down." });
  emit(ctx, { name: "dispatch.addressed", resource, payload: { id: idOf("dsp", before.id), recipients } });
}
