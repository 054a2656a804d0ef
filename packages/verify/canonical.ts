import type { Json } from "./json.ts";

/**
 * The one JSON text of a value: members sorted by their UTF-16 code units, no space, numbers and strings in ECMAScript's own form, which
 * is the one that the standard asks for.
 * @see RFC 8785 (JCS), section 3.2
 */
export function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const members = Object.keys(value)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonical(value[name] as Json)}`);
  return `{${members.join(",")}}`;
}
