import type { CapLimits } from "./limits.ts";
import { type CapCode, CapError, type CapProblem, type CapWarning, policies } from "./problems.ts";
import { type Element, pathOf } from "./xml.ts";

/** What one reading of a document knows and has found so far. */
export type Reading = {
  xml: string;
  limits: CapLimits;
  lenient: boolean;
  problems: CapProblem[];
  warnings: CapWarning[];
  /** Points of polygons that were read. */
  points: number;
};

/** Starts a reading. */
export function startReading(xml: string, limits: CapLimits, lenient: boolean): Reading {
  return { xml, limits, lenient, problems: [], warnings: [], points: 0 };
}

/** Notes what is wrong at an element, or at one that should be within it, as the policy of its code says. */
export function report(reading: Reading, at: Element, code: CapCode, message: string, missing?: string): void {
  const policy = policies[code];
  const list = policy === "warn" || (policy === "tolerate" && reading.lenient) ? reading.warnings : reading.problems;
  if (list.length < reading.limits.told)
    list.push({ code, xpath: missing ? `${pathOf(at)}/${missing}` : pathOf(at), message });
  else if (list.length === reading.limits.told)
    list.push({ code: "more", xpath: "/", message: "There is more to say." });
}

/** Stops a reading at something that is too much. @throws CapError `too_many` */
export function atMost(at: Element, count: number, limit: number, what: string): void {
  if (count > limit) {
    throw new CapError([{ code: "too_many", xpath: pathOf(at), message: `More than ${limit} ${what}.` }]);
  }
}

/** What `read` makes, or null where it found a problem. The problems stay with the reading. */
export function soundOnly<T>(reading: Reading, read: () => T): T | null {
  const before = reading.problems.length;
  const made = read();
  return reading.problems.length === before ? made : null;
}
