import { idOf } from "@dais/contracts/kit/ids";
import { searchFilters, severities } from "@dais/contracts/signals";
import { mostReclassified } from "@dais/contracts/signals/assess";
import { assessors } from "@dais/contracts/signals/values";
import { record } from "@dais/kernel/audit";
import { type Ctx, visibleTo } from "@dais/kernel/context";
import { enqueue, Hopeless, job } from "@dais/kernel/jobs";
import { Problem } from "@dais/kernel/problem";
import { lowest } from "@dais/kernel/standing";
import { type StandingNow, standingNow } from "@dais/kernel/standing-now";
import { z } from "zod";
import { countOf, type Filters, holdNext } from "../fitting.ts";
import { assessAll, kindOf, knownOf } from "./assess.ts";
import type { Judgement } from "./judge.ts";

const permission = "signal.reclassify";
const step = 200;

/** Has somebody's assessment made on many signals. @throws signal_too_many */
export async function reclassify(
  ctx: Ctx,
  { filters, ...said }: Judgement & { filters: Filters; rationale: string },
): Promise<{ jobId: string; total: number }> {
  // The job is the system's: whoever is `me` now isn't there when it runs.
  const which = filters.assigneeId === "me" ? { ...filters, assigneeId: ctx.actor.id } : filters;
  const total = await countOf(ctx, which, mostReclassified + 1);
  if (total > mostReclassified) throw new Problem("signal_too_many");
  const { id: by, kind, onBehalfOf, clearance } = ctx.actor;
  const who = { by, byKind: kindOf(kind), onBehalfOf, clearance };
  const id = enqueue(ctx, reclassifying, { ...who, filters: which, said, made: ctx.now.toISOString(), total });
  record(ctx, { resource: { type: "job", id }, after: { filters: which, ...said, total } });
  return { jobId: idOf("job", id), total };
}

const Place = z.object({ after: z.string(), done: z.number() }).nullable();

/** Goes through the signals in the order of their ids, some in each step. Who may not any more has it stopped where it is. */
export const reclassifying = job({
  name: "signals.reclassify",
  action: permission,
  schema: z.object({
    ...{ by: z.string(), byKind: z.enum(assessors), onBehalfOf: z.string().nullable(), clearance: z.string() },
    filters: z.object({ ...searchFilters, assigneeId: z.string().optional() }),
    said: z.object({ label: z.string(), severity: z.enum(severities), confidence: z.number(), rationale: z.string() }),
    ...{ made: z.string(), total: z.number() },
  }),
  retry: { limit: 5, delaySeconds: 5, backoff: true },
  expireSeconds: 60,
  async run(ctx, { by, byKind, onBehalfOf, clearance, filters: which, said, made, total }, { position }) {
    const place = Place.parse(position ?? null);
    const standing = await standingOf(ctx, by);
    const cleared = lowest(ctx.tenant.levels, [clearance, standing.clearance]);
    const seeing = { ...ctx, visible: visibleTo(ctx.tenant.levels, cleared) };
    const rows = await holdNext(seeing, which, { made, after: place?.after ?? null, limit: step });
    const last = rows.at(-1);
    if (!last) return undefined;
    const known = await knownOf(
      seeing,
      rows.map(({ id }) => id),
    );
    await assessAll(seeing, rows, { ...said, by, byKind, onBehalfOf, model: null, modelVersion: null }, known);
    // A step may wait for rows that others hold: who was shut out meanwhile has it undone.
    const after = await standingOf(ctx, by);
    if (after.clearance !== standing.clearance) throw new Problem("busy", { retryAfterSeconds: 1 });
    const done = (place?.done ?? 0) + rows.length;
    return { next: { after: last.id, done }, done, total };
  },
});

/** @throws Hopeless forbidden, where whoever asked for it may not any more */
async function standingOf(ctx: Ctx, by: string): Promise<StandingNow> {
  const standing = await standingNow(ctx, by);
  if (!standing || standing.permissions?.has(permission) === false) throw new Hopeless("forbidden", { permission });
  return standing;
}
