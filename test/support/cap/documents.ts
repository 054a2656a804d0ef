import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CapError, type CapProblem } from "@dais/cap/problems";
import { type ReadOptions, readCap } from "@dais/cap/read";
import { samples } from "./schema.ts";

/** A file of real alerts, as bytes. */
export const sample = (name: string): Uint8Array => readFileSync(join(samples, name));

export const cap12 = "urn:oasis:names:tc:emergency:cap:1.2";

const identity = {
  identifier: "siren-1",
  sender: "duty@example.com",
  sent: "2026-11-03T08:00:00+04:00",
  status: "Actual",
  msgType: "Alert",
  scope: "Public",
};
const told = { category: "Met", event: "Sandstorm", urgency: "Expected", severity: "Severe", certainty: "Likely" };

type Parts = Record<string, string | null>;

/** A small valid alert, with some elements replaced, added in front of the infos, or left out (`null`). */
export function alertXml(changes: Parts = {}, ...infos: string[]): string {
  return `<alert xmlns="${cap12}">${elements({ ...identity, ...changes })}${infos.join("")}</alert>`;
}

/** A small valid info, likewise; what is in it after those comes last. */
export function infoXml(changes: Parts = {}, ...rest: string[]): string {
  return `<info>${elements({ ...told, ...changes })}${rest.join("")}</info>`;
}

/** An area with what is in it, inside of a whole alert. */
export const areaIn = (...inside: string[]): string =>
  alertXml({}, infoXml({}, `<area><areaDesc>Here</areaDesc>${inside.join("")}</area>`));

/** What is wrong with a document, in short: `code xpath`. Empty if it is taken. */
export function problemsOf(document: string | Uint8Array, options?: ReadOptions): string[] {
  try {
    readCap(document, options);
    return [];
  } catch (error) {
    return shortly(thrown(error));
  }
}

/** What a document is taken with. */
export const warningsOf = (document: string | Uint8Array, options?: ReadOptions): string[] =>
  shortly(readCap(document, options).warnings);

/** The problems of what was thrown. */
export function thrown(error: unknown): readonly CapProblem[] {
  if (error instanceof CapError) return error.problems;
  throw error;
}

const shortly = (problems: readonly CapProblem[]) => problems.map(({ code, xpath }) => `${code} ${xpath}`);

const elements = (parts: Parts): string =>
  Object.entries(parts)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `<${name}>${value}</${name}>`)
    .join("");
