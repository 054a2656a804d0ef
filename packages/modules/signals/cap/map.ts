import type { CapAlert, CapInfo } from "@dais/cap/model";
import { defaultLanguage } from "@dais/cap/vocabulary";
import { type Signal, severities } from "@dais/contracts/signals";
import { Language } from "@dais/contracts/signals/place";
import { sha256 } from "@dais/kernel/canonical";
import type { Input } from "../reports.ts";
import { areaOf, geocodesOf, placeOf } from "./where.ts";
import { cut, momentOf, oneLine } from "./words.ts";

/** Where signals of alerts belong, as who brings them says. */
export type Belonging = Pick<Input, "source" | "classification" | "entityId">;

/**
 * What an alert reports. Its infos in several languages are one thing, said several times; further infos of one language are more of
 * it: of all together it has the greatest severity and certainty, the first beginning, the last end, and every place.
 *
 * @see docs/signals.md, which has this as a table
 */
export function signalOf(alert: CapAlert, { source, classification, entityId }: Belonging): Input {
  const [main, ...translated] = byLanguage(alert.info);
  const [info] = main?.infos ?? [];
  const said = { language: main?.language ?? defaultLanguage, ...wordsOf(alert, main?.infos ?? []) };
  const { info: infos } = alert;
  return {
    source,
    externalId: externalIdOf(alert.identifier),
    ...said,
    severity: worst(infos),
    category: (info?.category[0]?.toLowerCase() ?? "other") as Signal["category"],
    classification,
    confidence: surest(infos),
    entityId,
    area: areaOf(infos),
    place: placeOf(infos),
    geocodes: geocodesOf(infos),
    translations: translated.slice(0, 50).map(({ language, infos: its }) => ({ language, ...wordsOf(alert, its) })),
    occurredAt: momentOf(first(infos) ?? alert.sent),
    reportedAt: momentOf(alert.sent),
    expiresAt: last(infos),
  };
}

/** As alerts have it, which is bound to no length; one that the contract can't hold is known by its digest. */
export const externalIdOf = (identifier: string): string =>
  identifier.length <= 500 && oneLine(identifier, 500) === identifier ? identifier : `sha256:${sha256(identifier)}`;

type InLanguage = { language: string; infos: CapInfo[] };

/** Infos by their languages, each in the order in which it comes first. */
function byLanguage(infos: readonly CapInfo[]): InLanguage[] {
  const found = Map.groupBy(infos, ({ language }) => (language ?? defaultLanguage).toLowerCase());
  return [...found.values()].map((its) => {
    const language = its[0]?.language ?? defaultLanguage;
    return { language: Language.safeParse(language).success ? language : "und", infos: its };
  });
}

function wordsOf(alert: CapAlert, infos: readonly CapInfo[]): Pick<Input, "title" | "body"> {
  const [info, ...more] = infos;
  const title = oneLine(info?.headline || info?.event || alert.note || "Alert", 500) || "Alert";
  const parts = [info, ...more].flatMap((one) => (one ? textsOf(one, one !== info) : []));
  return { title, body: cut(parts.join("\n\n"), 50_000) };
}

/** What an info says at length; one that comes after another, under its own headline. */
const textsOf = ({ headline, event, description, instruction }: CapInfo, headed: boolean): string[] =>
  [headed ? headline || event : null, description, instruction].flatMap((text) => text || []);

/** Undisclosed severity is no greater than any. */
function worst(infos: readonly CapInfo[]): Signal["severity"] {
  const ranks = infos.map(({ severity }) => severities.indexOf(severity.toLowerCase() as Signal["severity"]));
  return severities[Math.min(...ranks, severities.length - 1)] as Signal["severity"];
}

// Likely is p > ~50 %, possible p <= ~50 %, unlikely p ~ 0: the middle of each.
const confidences: Record<CapInfo["certainty"], number | null> = {
  Observed: 1,
  Likely: 0.75,
  Possible: 0.25,
  Unlikely: 0,
  Unknown: null,
};

function surest(infos: readonly CapInfo[]): number | null {
  const known = infos.flatMap(({ certainty }) => confidences[certainty] ?? []);
  return known.length > 0 ? Math.max(...known) : null;
}

/** The time at which the first of them begins to hold. */
function first(infos: readonly CapInfo[]): string | null {
  const times = infos.flatMap(({ onset, effective }) => onset ?? effective ?? []);
  return times.sort((a, b) => Date.parse(a) - Date.parse(b))[0] ?? null;
}

/** The moment at which the last of them ends to hold; null where one of them doesn't say when. */
function last(infos: readonly CapInfo[]): string | null {
  const times = infos.flatMap(({ expires }) => expires ?? []);
  if (times.length === 0 || times.length < infos.length) return null;
  return momentOf(times.sort((a, b) => Date.parse(b) - Date.parse(a))[0] as string);
}
