import { alertLayout } from "./alert.ts";
import { areaLayout, readCircles, readPolygons } from "./area.ts";
import { type CapDraft, type CapInfoDraft, completeCap } from "./complete.ts";
import { all, decimal, type Fields, language, text, textIn, time, uri, word, wordIn } from "./fields.ts";
import { infoLayout } from "./info.ts";
import type { CapAlert, CapFeed, CapPair } from "./model.ts";
import { type Reading, report } from "./reading.ts";
import { readReferences } from "./references.ts";
import { quotedWords, trimmed, words } from "./text.ts";
import { readTime } from "./time.ts";
import {
  categories,
  certainties,
  msgTypes,
  namespaces,
  responseTypes,
  scopes,
  severities,
  statuses,
  urgencies,
} from "./vocabulary.ts";
import { childrenOf, type Element, textOf } from "./xml.ts";

/** What of an Atom entry stands for a field of CAP that it doesn't tell. Other mandatory ones get the defaults of `completeCap`. */
export const summaryStandIns = {
  identifier: "the entry's id, with spaces, commas, < and & percent-encoded",
  sender: "the address or name of the entry's author, or else the feed's, encoded likewise",
  sent: "when the entry was published, or else updated",
  scope: "Public: a feed is a publication",
  headline: "the entry's title",
  description: "the entry's summary, which may be cut short",
} as const;

type StandIns = {
  id: string | null;
  title: string | null;
  summary: string | null;
  published: string | null;
  updated: string | null;
  sender: string | null;
};

/** Makes an alert of the CAP elements of a feed's entry, and of what stands for what they don't tell. */
export function readSummary(reading: Reading, entry: Element, elements: Element[], atom: StandIns): CapAlert | null {
  const fields: Fields = { at: entry, found: Map.groupBy(elements, ({ name }) => name) };
  const identity = {
    identifier: text(reading, fields, "identifier") ?? encoded(atom.id),
    sender: text(reading, fields, "sender") ?? encoded(atom.sender),
    sent: time(reading, fields, "sent") ?? atomTime(atom.published) ?? atomTime(atom.updated),
  };
  const missing = Object.entries(identity).filter(([, value]) => !value);
  for (const [name] of missing) report(reading, entry, "field_missing", `Nothing can stand for ${name}.`, name);
  if (missing.length > 0) return null;
  const draft = {
    ...identity,
    version: namespaces[elements[0]?.uri as keyof typeof namespaces],
    ...ofAlert(reading, fields),
    info: [{ ...ofInfo(reading, fields, atom), area: ofArea(reading, fields) }],
  };
  return completeCap(draft).alert;
}

function ofAlert(reading: Reading, fields: Fields): CapDraft {
  const one = (name: string) => text(reading, fields, name);
  return {
    status: word(reading, fields, "status", statuses),
    msgType: word(reading, fields, "msgType", msgTypes),
    source: one("source"),
    scope: word(reading, fields, "scope", scopes) ?? "Public",
    restriction: one("restriction"),
    addresses: quotedWords(one("addresses") ?? ""),
    code: all(fields, "code").flatMap((each) => textIn(reading, each) || []),
    note: one("note"),
    references: readReferences(reading, fields),
    incidents: quotedWords(one("incidents") ?? ""),
  };
}

function ofInfo(reading: Reading, fields: Fields, atom: StandIns): CapInfoDraft {
  const one = (name: string) => text(reading, fields, name);
  const several = <const T extends string>(name: string, values: readonly T[]) =>
    all(fields, name).flatMap((each) => wordIn(reading, each, values) ?? []);
  return {
    language: language(reading, fields),
    category: several("category", categories),
    event: one("event"),
    responseType: several("responseType", responseTypes),
    urgency: word(reading, fields, "urgency", urgencies),
    severity: word(reading, fields, "severity", severities),
    certainty: word(reading, fields, "certainty", certainties),
    audience: one("audience"),
    eventCode: pairsIn(reading, fields, "eventCode"),
    effective: time(reading, fields, "effective"),
    onset: time(reading, fields, "onset"),
    expires: time(reading, fields, "expires"),
    senderName: one("senderName"),
    headline: one("headline") ?? atom.title,
    description: one("description") ?? atom.summary,
    instruction: one("instruction"),
    web: uri(reading, fields, "web"),
    contact: one("contact"),
    parameter: pairsIn(reading, fields, "parameter"),
  };
}

/** The one area of a summary; none where it tells of no place. */
function ofArea(reading: Reading, fields: Fields): NonNullable<CapInfoDraft["area"]> {
  const area = {
    areaDesc: text(reading, fields, "areaDesc"),
    polygon: readPolygons(reading, fields),
    circle: readCircles(reading, fields),
    geocode: pairsIn(reading, fields, "geocode").flatMap(splitCodes),
    altitude: decimal(reading, fields, "altitude"),
    ceiling: decimal(reading, fields, "ceiling"),
  };
  const placed = area.areaDesc || area.polygon.length + area.circle.length + area.geocode.length > 0;
  return placed ? [area] : [];
}

/** The fields of an alert that are not among those elements, or are empty, in the order of the schema. */
export function lackingIn(elements: readonly Element[]): string[] {
  const there = new Set(elements.filter((each) => trimmed(textOf(each)) !== "").map(({ name }) => name));
  return fieldNames.filter((name) => !there.has(name));
}

/** What the summaries of a feed lack: a field, in how many of them, and what stands for it. In the order of the schema. */
export function summaryGaps({
  entries,
}: CapFeed): { field: string; lacking: number; of: number; standIn: string | null }[] {
  const summaries = entries.filter(({ kind }) => kind === "summary");
  return fieldNames.flatMap((field) => {
    const lacking = summaries.filter(({ lacks }) => lacks.includes(field)).length;
    const standIn = (summaryStandIns as Record<string, string>)[field] ?? null;
    return lacking > 0 ? [{ field, lacking, of: summaries.length, standIn }] : [];
  });
}

const fieldNames = [...alertLayout, ...infoLayout, ...areaLayout]
  .map((name) => name.replace("*", ""))
  .filter((name) => !["info", "area", "Signature"].includes(name));

/** Names and values, of which one element may hold several. They may be in the feed's own namespace, as a feed without prefixes has them. */
function pairsIn(reading: Reading, fields: Fields, name: string): CapPair[] {
  return all(fields, name).flatMap((element) => {
    const parts = childrenOf(element);
    const names = parts.filter((each) => each.name === "valueName");
    return names.flatMap((each) => {
      const next = parts[parts.indexOf(each) + 1];
      const valueName = textIn(reading, each);
      if (!valueName || next?.name !== "value") return [];
      return [{ valueName, value: textIn(reading, next) }];
    });
  });
}

/** The US Weather Service writes several of these codes into one value; in its alerts each has its own. */
function splitCodes({ valueName, value }: CapPair): CapPair[] {
  const lists = ["FIPS6", "UGC"];
  return lists.includes(valueName) ? words(value).map((each) => ({ valueName, value: each })) : [{ valueName, value }];
}

function atomTime(said: string | null): string | null {
  const read = readTime(said ?? "");
  return typeof read === "string" ? null : read.time;
}

const encoded = (said: string | null): string | null => said?.replaceAll(/[ \t\r\n,<&]/g, encodeURIComponent) ?? null;
