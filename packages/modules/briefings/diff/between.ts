import type { BriefingDiff, BriefingEdition } from "@dais/contracts/briefings";
import { canonical } from "@dais/kernel/canonical";
import { type Hunk, hunksOf } from "./hunks.ts";
import { type Budget, budgetOf } from "./words.ts";

type Section = BriefingEdition["sections"][number];
type Differs = BriefingDiff["sections"][number];
const fields = ["day", "title", "sources", "classification", "audience"] as const;
const parts = ["heading", "body"] as const;
const languages = ["en", "ar"] as const;

/** What differs between two editions: the later one's sections in their order, then those that are gone. */
export function between(from: BriefingEdition, to: BriefingEdition): BriefingDiff {
  const before = new Map(from.sections.map((section) => [section.id, section]));
  const kept = new Set(to.sections.map(({ id }) => id));
  const order = from.sections.filter(({ id }) => kept.has(id)).map(({ id }) => id);
  const now = to.sections.filter(({ id }) => before.has(id)).map(({ id }) => id);
  const budget = budgetOf();
  return {
    from: from.edition,
    to: to.edition,
    fields: fields
      .filter((field) => canonical(from[field]) !== canonical(to[field]))
      .map((field) => ({ field, from: from[field], to: to[field] })),
    sections: [
      ...to.sections.flatMap((section) => changed(before.get(section.id), section, { order, now, budget })),
      ...from.sections
        .filter(({ id }) => !kept.has(id))
        .map((section): Differs => ({ id: section.id, change: "removed", texts: textsOf(section, null, budget) })),
    ],
  };
}

/** How a section of the later edition differs, if it does. `order` and `now`: the places of those that are in both. */
function changed(
  was: Section | undefined,
  is: Section,
  { order, now, budget }: { order: string[]; now: string[]; budget: Budget },
): Differs[] {
  const { id } = is;
  const texts = textsOf(was ?? null, is, budget);
  if (!was) return [{ id, change: "added", texts }];
  if (texts.length > 0) return [{ id, change: "changed", texts }];
  return order.indexOf(id) === now.indexOf(id) ? [] : [{ id, change: "moved", texts }];
}

function textsOf(from: Section | null, to: Section | null, budget: Budget): Differs["texts"] {
  return parts.flatMap((part) =>
    languages.flatMap((language) => {
      const hunks: Hunk[] = hunksOf(from?.[part][language] ?? "", to?.[part][language] ?? "", budget);
      return hunks.length > 0 ? [{ part, language, hunks }] : [];
    }),
  );
}
