import type { CapPair } from "./model.ts";
import { readDecimal } from "./number.ts";
import { shown } from "./problems.ts";
import { type Reading, report } from "./reading.ts";
import { trimmed } from "./text.ts";
import { readTime } from "./time.ts";
import { uriForm } from "./uri.ts";
import { signatureNamespace } from "./vocabulary.ts";
import { childrenOf, type Element, textOf } from "./xml.ts";

/** What an element may hold, in the order of the schema; `*` behind the name of what may be there several times. */
export type Layout = readonly string[];

/** An element and those within it by name. */
export type Fields = { at: Element; found: Map<string, Element[]> };

/** Sorts what is within an element, and reports what doesn't belong there. */
export function fieldsOf(reading: Reading, at: Element, layout: Layout): Fields {
  const found = new Map<string, Element[]>();
  let furthest = 0;
  let ordered = true;
  for (const child of childrenOf(at)) {
    const many = layout.indexOf(`${child.name}*`);
    const place = many >= 0 ? many : layout.indexOf(child.name);
    const own = child.uri === (child.name === "Signature" ? signatureNamespace : at.uri);
    if (place < 0 || !own) {
      report(reading, child, "element_unknown", `${shown(child.name)} doesn't belong here.`);
      continue;
    }
    const alike = found.get(child.name);
    if (alike && many < 0) report(reading, child, "field_repeated", `There may be one ${child.name} only.`);
    if (alike) alike.push(child);
    else found.set(child.name, [child]);
    ordered &&= place >= furthest;
    furthest = Math.max(furthest, place);
  }
  if (!ordered) report(reading, at, "element_order", "The elements aren't in the order of the schema.");
  if (at.content.some((each) => typeof each === "string" && trimmed(each) !== "")) {
    report(reading, at, "text_stray", "Text doesn't belong here.");
  }
  checkAttributes(reading, at);
  return { at, found };
}

/** The elements of a name. */
export const all = ({ found }: Fields, name: string): Element[] => found.get(name) ?? [];

/** The text of an element that holds only text. */
export function textIn(reading: Reading, element: Element): string {
  for (const child of childrenOf(element)) {
    report(reading, child, "element_unknown", `${shown(child.name)} doesn't belong into a text.`);
  }
  checkAttributes(reading, element);
  return trimmed(textOf(element));
}

/** The text of a field; null where it is absent or empty. */
export function text(reading: Reading, fields: Fields, name: string): string | null {
  const [element] = all(fields, name);
  return (element && textIn(reading, element)) || null;
}

/**
 * The value of a field that must be there. Where it isn't, that is a problem, and what has a problem is never handed out: so the type
 * may say that there is one.
 */
export function needed<T>(reading: Reading, fields: Fields, name: string, value: T | null): T {
  const [element] = all(fields, name);
  if (!element) report(reading, fields.at, "field_missing", `${name} is missing.`, name);
  else if (value === null && trimmed(textOf(element)) === "") {
    report(reading, element, "field_missing", `${name} is empty.`);
  }
  return value as T;
}

/** One of CAP's own words; null where it is absent. */
export function word<const T extends string>(
  reading: Reading,
  fields: Fields,
  name: string,
  values: readonly T[],
): T | null {
  const [element] = all(fields, name);
  return element ? wordIn(reading, element, values) : null;
}

/** One of CAP's own words, of one element. */
export function wordIn<const T extends string>(reading: Reading, element: Element, values: readonly T[]): T | null {
  const said = filled(reading, element);
  if (said === null) return null;
  const value = values.find((each) => each === said) ?? values.find((each) => alike(each, said));
  if (value === undefined) {
    report(reading, element, "value_unknown", `${shown(said)} is none of ${values.join(", ")}.`);
  } else if (value !== textOf(element)) {
    report(reading, element, "value_form", `It should be exactly ${value}.`);
  }
  return value ?? null;
}

const alike = (value: string, said: string) =>
  value.toLowerCase() === said.toLowerCase() || (value === "Likely" && /^very likely$/i.test(said));

/** A time in CAP's form; null where it is absent. */
export function time(reading: Reading, fields: Fields, name: string): string | null {
  const [element] = all(fields, name);
  const said = element ? filled(reading, element) : null;
  if (!element || said === null) return null;
  const read = readTime(said);
  if (typeof read !== "string") {
    if (!read.exact) report(reading, element, "time_form", `${shown(said)} should be ${read.time}.`);
    return read.time;
  }
  const reasons = { time_bad: "is no time like 2018-08-15T14:52:00-08:00", time_without_zone: "has no zone" };
  report(reading, element, read, `${shown(said)} ${reasons[read]}.`);
  return null;
}

/** The language of a text, in the form of XML Schema; null where it is absent. @see RFC 3066 */
export function language(reading: Reading, fields: Fields): string | null {
  const [element] = all(fields, "language");
  const said = element ? filled(reading, element) : null;
  if (!element || said === null || /^[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*$/.test(said)) return said;
  report(reading, element, "language_bad", `${shown(said)} is no language like ar-AE.`);
  return null;
}

/** Codes and parameters: a name and a value, which may be empty. */
export function pairs(reading: Reading, fields: Fields, name: string): CapPair[] {
  return all(fields, name).map((element) => {
    const pair = fieldsOf(reading, element, ["valueName", "value"]);
    return {
      valueName: needed(reading, pair, "valueName", text(reading, pair, "valueName")),
      value: needed(reading, pair, "value", text(reading, pair, "value") ?? ""),
    };
  });
}

/** A reference to a URI; null where it is absent or empty. */
export function uri(reading: Reading, fields: Fields, name: string): string | null {
  const said = text(reading, fields, name);
  if (said === null) return null;
  const form = uriForm(said);
  if (form !== said) report(reading, all(fields, name)[0] as Element, "uri_bad", `${shown(said)} is no URI.`);
  return form;
}

/** A decimal number; null where it is absent. */
export const decimal = (reading: Reading, fields: Fields, name: string): number | null =>
  number(reading, fields, name, readDecimal);

/** A whole number that is not negative; null where it is absent. */
export const size = (reading: Reading, fields: Fields, name: string): number | null =>
  number(reading, fields, name, (said) => (/^\+?\d{1,15}$/.test(said) ? Number(said) : Number.NaN));

function number(reading: Reading, fields: Fields, name: string, read: (said: string) => number): number | null {
  const [element] = all(fields, name);
  const said = element ? filled(reading, element) : null;
  if (!element || said === null) return null;
  const value = read(said);
  if (Number.isNaN(value)) report(reading, element, "number_bad", `${shown(said)} is no such number.`);
  return value;
}

/** The text of what can't be empty in the schema; null, and reported, where it is. */
export function filled(reading: Reading, element: Element): string | null {
  const said = textIn(reading, element);
  if (said === "") report(reading, element, "value_empty", `${element.name} must not be empty.`);
  return said || null;
}

function checkAttributes(reading: Reading, at: Element): void {
  for (const { local, uri: space } of at.attributes) {
    if (space === schemaInstance) continue;
    report(reading, at, "attribute_unknown", `The attribute ${shown(local)} doesn't belong here.`);
  }
}

// What schemas may say of themselves in any document.
const schemaInstance = "http://www.w3.org/2001/XMLSchema-instance";
