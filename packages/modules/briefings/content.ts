import type { Audience, Briefing } from "@dais/contracts/briefings";
import { uuidOf } from "@dais/contracts/kit/ids";
import { digest } from "@dais/kernel/canonical";
import type { Ctx } from "@dais/kernel/context";
import { Problem } from "@dais/kernel/problem";
import { classificationsOf } from "@dais/modules/signals";
import { unknownIn } from "./audience.ts";

/** What is written, kept of each edition, and approved. */
export type Content = Pick<Briefing, "day" | "title" | "sections" | "sources" | "classification" | "audience">;

/** What an author says; a classification that is left out is the lowest possible one. */
export type Said = Omit<Content, "classification"> & { classification?: string };

/** The columns that hold content. */
export const columnsOf = (content: Content) => ({
  ...content,
  contentSha256: digest(content),
  audienceSha256: digest(content.audience),
  signalIds: content.sources.map(({ signalId }) => uuidOf(signalId)),
});

/**
 * What an author says, where all that it names is there for them: with its classification, and the audience in an order of its own, so that
 * the same audience is the same however it was said. One exchange.
 * @throws briefing_signal_unknown, briefing_classification_unknown, briefing_below_sources, briefing_audience_unknown
 */
export async function checked(ctx: Ctx, said: Said): Promise<Content> {
  const audience = ordered(said.audience);
  const ids = said.sources.map(({ signalId }) => signalId);
  const [known, names] = await Promise.all([
    ids.length === 0 ? new Map<string, string>() : classificationsOf(ctx, ids),
    unknownIn(ctx, audience),
  ]);
  const signalIds = ids.filter((id) => !known.has(id));
  if (signalIds.length > 0) throw new Problem("briefing_signal_unknown", { signalIds });
  const least = Math.max(0, ...[...known.values()].map((level) => ctx.tenant.levels.indexOf(level)));
  const classification = said.classification ?? (ctx.tenant.levels[least] as string);
  if (!ctx.visible.includes(classification)) throw new Problem("briefing_classification_unknown");
  const above = ids.filter((id) => rank(ctx, known.get(id) as string) > rank(ctx, classification));
  if (above.length > 0) throw new Problem("briefing_below_sources", { count: above.length, signalIds: above });
  if (names.length > 0) throw new Problem("briefing_audience_unknown", { names });
  return { ...said, classification, audience };
}

/** A level's place in the order: 0 is the lowest. One that isn't there any more counts as above all. */
export function rank(ctx: Ctx, level: string): number {
  const at = ctx.tenant.levels.indexOf(level);
  return at === -1 ? ctx.tenant.levels.length : at;
}

const ordered = (audience: Audience): Audience => ({
  groupIds: once(audience.groupIds),
  roles: once(audience.roles),
  entityIds: once(audience.entityIds),
  personIds: once(audience.personIds),
});
const once = (some: readonly string[]): string[] => [...new Set(some)].sort();
