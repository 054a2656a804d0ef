import type { CapAlert, CapArea, CapInfo, CapReference, CapResource, CapSignature } from "@dais/cap/model";
import { trimmed } from "@dais/cap/text";
import { uriForm } from "@dais/cap/uri";
import * as words from "@dais/cap/vocabulary";
import fc from "fast-check";

/** Any text that XML can hold, with what needs care more often than by chance. */
const characters = fc.oneof(
  fc.constantFrom("&", "<", ">", '"', "'", "]]>", "\r", "\n", "\t", " ", "</event>", "&amp;", "é", "ع", "\u2028", "😀"),
  fc
    .integer({ min: 0x20, max: 0x10ffff })
    .filter(isXml)
    .map((code) => String.fromCodePoint(code)),
);
const text = fc
  .string({ unit: characters, minLength: 1, maxLength: 20 })
  .map(trimmed)
  .filter((said) => said !== "");
const name = fc
  .string({ unit: characters, minLength: 1, maxLength: 12 })
  .map((said) => said.replaceAll(/[ \t\r\n,<&]/g, "-"));
const item = text.map((said) => said.replaceAll(/[ \t\r\n"]+/g, " ").trim()).filter((said) => said !== "");
const uri = fc.oneof(fc.webUrl({ withFragments: true, withQueryParameters: true }), text).map(uriForm);
const pair = fc.record({ valueName: text, value: fc.oneof(text, fc.constant("")) });
const maybe = <T>(kind: fc.Arbitrary<T>) => fc.option(kind, { nil: null });
const some = <T>(kind: fc.Arbitrary<T>) => fc.array(kind, { maxLength: 3 });

const time = fc
  .record({
    day: fc.date({ min: new Date("0001-01-01"), max: new Date("9999-12-31"), noInvalidDate: true }),
    sign: fc.constantFrom("+", "-"),
    hours: fc.integer({ min: 0, max: 13 }),
    minutes: fc.integer({ min: 0, max: 59 }),
  })
  .map(({ day, sign, hours, minutes }) => {
    const two = (value: number) => String(value).padStart(2, "0");
    return `${day.toISOString().slice(0, 19)}${sign}${two(hours)}:${two(minutes)}`;
  });

const degrees = (most: number) => fc.double({ min: -most, max: most, noNaN: true });
const point = fc.record({ latitude: degrees(90), longitude: degrees(180) });
const polygon = fc.array(point, { minLength: 3, maxLength: 12 }).map((points) => [...points, ...points.slice(0, 1)]);
const height = fc.double({ min: -999_999_999, max: 999_999_999, noNaN: true });

const area: fc.Arbitrary<CapArea> = fc
  .record({
    areaDesc: text,
    polygon: some(polygon),
    circle: some(fc.record({ centre: point, radiusKilometres: fc.double({ min: 0, max: 20_000, noNaN: true }) })),
    geocode: some(pair),
    altitude: maybe(height),
    ceiling: maybe(height),
  })
  .map((made) => (made.altitude === null ? { ...made, ceiling: null } : made));

const resource: fc.Arbitrary<CapResource> = fc.record({
  resourceDesc: text,
  mimeType: text,
  size: maybe(fc.integer({ min: 0, max: 999_999_999_999_999 })),
  uri: maybe(uri),
  derefUri: maybe(fc.base64String({ minLength: 4 })),
  digest: maybe(text),
});

const info: fc.Arbitrary<CapInfo> = fc.record({
  language: maybe(fc.constantFrom("ar", "ar-AE", "en-US", "en-us", "x-klingon")),
  category: fc.array(fc.constantFrom(...words.categories), { minLength: 1, maxLength: 3 }),
  event: text,
  responseType: some(fc.constantFrom(...words.responseTypes)),
  urgency: fc.constantFrom(...words.urgencies),
  severity: fc.constantFrom(...words.severities),
  certainty: fc.constantFrom(...words.certainties),
  audience: maybe(text),
  eventCode: some(pair),
  effective: maybe(time),
  onset: maybe(time),
  expires: maybe(time),
  senderName: maybe(text),
  headline: maybe(text),
  description: maybe(text),
  instruction: maybe(text),
  web: maybe(uri),
  contact: maybe(text),
  parameter: some(pair),
  resource: some(resource),
  area: some(area),
});

const reference: fc.Arbitrary<CapReference> = fc.record({ sender: name, identifier: name, sent: time });

/** Any alert that keeps to the standard. */
export const anyAlert: fc.Arbitrary<CapAlert> = fc
  .record({
    version: fc.constantFrom("1.1" as const, "1.2" as const),
    identifier: name,
    sender: name,
    sent: time,
    status: fc.constantFrom(...words.statuses),
    msgType: fc.constantFrom(...words.msgTypes),
    source: maybe(text),
    scope: fc.constantFrom(...words.scopes),
    restriction: maybe(text),
    addresses: some(item),
    code: some(text),
    note: maybe(text),
    references: some(reference),
    incidents: some(item),
    info: some(info),
    signatures: fc.constant<CapSignature[]>([]),
  })
  .map((made) => ({
    ...made,
    restriction: made.scope === "Restricted" ? (made.restriction ?? "For the duty officers") : made.restriction,
    addresses: made.scope === "Private" ? [...made.addresses, "duty officer"] : made.addresses,
    references: made.msgType === "Alert" ? made.references : [{ sender: "a", identifier: "b", sent: made.sent }],
  }));

function isXml(code: number): boolean {
  return !(code >= 0xd800 && code <= 0xdfff) && code !== 0xfffe && code !== 0xffff;
}
