import { defaultLimits } from "./limits.ts";
import type { CapAlert, CapArea, CapInfo, CapPair, CapResource } from "./model.ts";
import { plain } from "./number.ts";
import type { Point } from "./point.ts";
import { type CapCode, CapError, policies } from "./problems.ts";
import { readCap } from "./read.ts";
import { joinReferences } from "./references.ts";
import { joinQuoted } from "./text.ts";
import { writtenNamespace } from "./vocabulary.ts";

/**
 * Writes an alert as CAP 1.2, in the form of its schema. Characters that XML can't hold become U+FFFD. Signatures are not written: they
 * are of another document.
 *
 * @throws CapError for an alert that would not be valid; the XPath is the written document's
 * @see OASIS CAP 1.2, section 3.4
 */
export function writeCap(alert: CapAlert): string {
  const xml = `<?xml version="1.0" encoding="UTF-8"?>\n<alert xmlns="${writtenNamespace}">\n${lines(alertLines(alert))}\n</alert>\n`;
  checkWritten(xml);
  return xml;
}

/** Reads what was written: whatever made the alert, what leaves here is read elsewhere. */
function checkWritten(xml: string): void {
  const { warnings } = readCap(xml, { lenient: true, limits: unlimited });
  const wrong = warnings.filter(({ code }) => policies[code] === "tolerate" && !writable.has(code));
  if (wrong.length > 0) throw new CapError(wrong);
}

const unlimited = Object.fromEntries(Object.keys(defaultLimits).map((name) => [name, Infinity]));

/** What the schema allows, although the standard asks for more: it came so from its source, and we can't know better. */
const writable = new Set<CapCode>([
  "identifier_form",
  "references_missing",
  "addresses_missing",
  "restriction_missing",
  "ceiling_without_altitude",
]);

type Line = [name: string, value: string | number | null] | [name: string, within: Line[]];

const alertLines = (alert: CapAlert): Line[] => [
  ["identifier", alert.identifier],
  ["sender", alert.sender],
  ["sent", alert.sent],
  ["status", alert.status],
  ["msgType", alert.msgType],
  ["source", alert.source],
  ["scope", alert.scope],
  ["restriction", alert.restriction],
  ["addresses", joinQuoted(alert.addresses) || null],
  ...many("code", alert.code),
  ["note", alert.note],
  ["references", joinReferences(alert.references) || null],
  ["incidents", joinQuoted(alert.incidents) || null],
  ...alert.info.map((info): Line => ["info", infoLines(info)]),
];

const infoLines = (info: CapInfo): Line[] => [
  ["language", info.language],
  ...many("category", info.category),
  ["event", info.event],
  ...many("responseType", info.responseType),
  ["urgency", info.urgency],
  ["severity", info.severity],
  ["certainty", info.certainty],
  ["audience", info.audience],
  ...pairLines("eventCode", info.eventCode),
  ["effective", info.effective],
  ["onset", info.onset],
  ["expires", info.expires],
  ["senderName", info.senderName],
  ["headline", info.headline],
  ["description", info.description],
  ["instruction", info.instruction],
  ["web", info.web],
  ["contact", info.contact],
  ...pairLines("parameter", info.parameter),
  ...info.resource.map((resource): Line => ["resource", resourceLines(resource)]),
  ...info.area.map((area): Line => ["area", areaLines(area)]),
];

const resourceLines = (resource: CapResource): Line[] => [
  ["resourceDesc", resource.resourceDesc],
  ["mimeType", resource.mimeType],
  ["size", resource.size],
  ["uri", resource.uri],
  ["derefUri", resource.derefUri],
  ["digest", resource.digest],
];

const areaLines = (area: CapArea): Line[] => [
  ["areaDesc", area.areaDesc],
  ...area.polygon.map((points): Line => ["polygon", points.map(pairOf).join(" ")]),
  ...area.circle.map(
    ({ centre, radiusKilometres }): Line => ["circle", `${pairOf(centre)} ${plain(radiusKilometres)}`],
  ),
  ...pairLines("geocode", area.geocode),
  ["altitude", area.altitude],
  ["ceiling", area.ceiling],
];

const many = (name: string, values: readonly string[]): Line[] => values.map((value) => [name, value]);

const pairLines = (name: string, pairs: readonly CapPair[]): Line[] =>
  pairs.map(({ valueName, value }) => [
    name,
    [
      ["valueName", valueName],
      ["value", value],
    ],
  ]);

function lines(all: Line[], indent = "  "): string {
  return (
    all
      // An empty value of a pair says something; anything else that is empty is absent.
      .filter(([name, value]) => value !== null && (value !== "" || name === "value"))
      .map(([name, value]) => {
        if (Array.isArray(value)) return `${indent}<${name}>\n${lines(value, `${indent}  `)}\n${indent}</${name}>`;
        return `${indent}<${name}>${typeof value === "number" ? plain(value) : escaped(value ?? "")}</${name}>`;
      })
      .join("\n")
  );
}

const pairOf = ({ latitude, longitude }: Point) => `${plain(latitude)},${plain(longitude)}`;

function escaped(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(notXml, "\ufffd")
    .replaceAll(/[&<>\r]/g, (character) => escapes[character] as string);
}

const escapes: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;" };
const notXml = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;
