import { boundedPattern, longestMatch } from "../lint/pattern.ts";
import type { Schema } from "./json.ts";

/**
 * The same document with what follows from its schemas written out: the format of each integer, and the greatest length of a text
 * whose pattern has one. Generators pick a type by the first; gateways and linters judge by the second, and can't read patterns.
 */
export function withBounds<T>(value: T): T {
  if (Array.isArray(value)) return value.map(withBounds) as T;
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, v]) => [key, data.has(key) ? v : withBounds(v)]);
  return { ...Object.fromEntries(entries), ...follows(value as Schema) };
}

/** Fields whose value is data, not schema. */
const data = new Set(["default", "example", "examples", "const", "enum", "value"]);

function follows({ type, format, pattern, maxLength, enum: values, minimum, maximum }: Schema): Schema {
  const is = (name: string) => type === name || (Array.isArray(type) && type.includes(name));
  if (is("integer") && format === undefined) return { format: fits(minimum) && fits(maximum) ? "int32" : "int64" };
  if (!is("string") || maxLength !== undefined || values !== undefined) return {};
  if (format === "date") return { maxLength: 10 };
  return typeof pattern === "string" && boundedPattern(pattern) ? { maxLength: longestMatch(pattern) } : {};
}

const fits = (bound: unknown) => typeof bound === "number" && Math.abs(bound) <= 2 ** 31 - 1;
