import type { briefings } from "@dais/drizzle/schema/briefings";
import type { Ctx } from "@dais/kernel/context";
import { Problem } from "@dais/kernel/problem";
import { rank } from "./content.ts";
import { factsOf } from "./facts.ts";

type Row = typeof briefings.$inferSelect;

/** The policies that the table of moves names. */
export const policies = { sources, audience, once };

/** How many of those who aren't cleared a problem names. */
const named = 100;

/** No source is classified above the briefing: one may have been raised since it was written. */
async function sources(ctx: Ctx, { id, classification }: Row): Promise<Problem | null> {
  const above = (await factsOf(ctx, id)).sources.filter(({ level }) => rank(ctx, level) > rank(ctx, classification));
  if (above.length === 0) return null;
  return new Problem("briefing_below_sources", { count: above.length, signalIds: signalsSeen(ctx, above) });
}

/** There is somebody in the audience, and everybody in it is cleared. Who and because of what, only those hear who may know. */
async function audience(ctx: Ctx, { id, classification }: Row): Promise<Problem | null> {
  const its = await factsOf(ctx, id);
  if (its.audience.length === 0) return new Problem("briefing_audience_empty");
  const short = its.audience.filter(({ clearance }) => reach(ctx, clearance) < rank(ctx, classification));
  if (short.length === 0) return null;
  const lowest = Math.min(...short.map(({ clearance }) => reach(ctx, clearance)));
  const above = its.sources.filter(({ level }) => rank(ctx, level) > lowest);
  return new Problem("briefing_audience_not_cleared", {
    count: short.length,
    personIds: ctx.actor.permissions.has("person.read") ? short.slice(0, named).map((one) => one.id) : [],
    signalIds: signalsSeen(ctx, above),
  });
}

/** The audience has no other briefing of that day. */
async function once(ctx: Ctx, { id }: Row): Promise<Problem | null> {
  const { other } = await factsOf(ctx, id);
  if (!other) return null;
  return new Problem("briefing_already_distributed", { briefingId: seen(ctx, [other])[0] ?? null });
}

const seen = (ctx: Ctx, some: readonly { id: string; level: string }[]): string[] =>
  some.filter(({ level }) => ctx.visible.includes(level)).map(({ id }) => id);

const signalsSeen = (ctx: Ctx, some: Parameters<typeof seen>[1]): string[] =>
  ctx.actor.permissions.has("signal.read") ? seen(ctx, some) : [];

/** How far a clearance reaches: one that isn't there any more reaches nothing. */
const reach = (ctx: Ctx, clearance: string): number => ctx.tenant.levels.indexOf(clearance);
