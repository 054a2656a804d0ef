import type { CapAlert, CapInfo } from "./model.ts";
import { rounded } from "./number.ts";
import { trimmed } from "./text.ts";
import { instantOf } from "./time.ts";
import { defaultLanguage } from "./vocabulary.ts";

/**
 * What an alert says, in one form for all ways of saying it: times as instants in UTC, the language always named, line ends and the ends
 * of texts made even, numbers to nine decimals, absent the same as empty. Version and signatures are of the document, not of what it says.
 *
 * Two alerts say the same if these are deeply equal.
 */
export function canonicalCap({ version: _version, signatures: _signatures, ...alert }: CapAlert) {
  return even({ ...alert, info: alert.info.map(evenInfo) }) as Omit<CapAlert, "version" | "signatures">;
}

/** Where two alerts differ: the paths of fields, like `info[1].headline`. Empty if they say the same. */
export function capDifferences(a: CapAlert, b: CapAlert): string[] {
  return differences(canonicalCap(a), canonicalCap(b), "");
}

const evenInfo = (info: CapInfo): CapInfo => ({ ...info, language: info.language ?? defaultLanguage });

/** Each value within, made even. */
function even(value: unknown, name = ""): unknown {
  if (Array.isArray(value)) return value.map((each) => even(each)).filter((each) => each !== null);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, even(each, key)]));
  }
  if (typeof value === "number") return rounded(value);
  if (typeof value !== "string") return value;
  if (times.has(name) && value !== "") return instantOf(value);
  const text = trimmed(value.replaceAll(/\r\n?/g, "\n"));
  // A language is the same in any case; the value of a parameter may be empty.
  if (name === "language") return text.toLowerCase();
  return text === "" && name !== "value" ? null : text;
}

const times = new Set(["sent", "effective", "onset", "expires"]);

function differences(a: unknown, b: unknown, path: string): string[] {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return Object.is(a, b) ? [] : [path];
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return names.flatMap((name) => {
    const inner = Array.isArray(a) ? `${path}[${Number(name) + 1}]` : [path, name].filter(Boolean).join(".");
    return differences((a as Record<string, unknown>)[name], (b as Record<string, unknown>)[name], inner);
  });
}
