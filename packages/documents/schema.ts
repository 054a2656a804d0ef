import { z } from "zod";
import { orNull } from "./or-null.ts";

export type JsonSchema = { [keyword: string]: unknown };

/** The JSON Schema 2020-12 of what a caller sends, in one piece: nothing in it points elsewhere. Made once: change a copy. */
export const inputSchema = madeOnce("input");

/** The JSON Schema 2020-12 of what the server answers, in one piece and open to fields that come later. Made once: change a copy. */
export const outputSchema = madeOnce("output");

function madeOnce(io: "input" | "output") {
  const made = new WeakMap<z.core.$ZodType, JsonSchema>();
  return (schema: z.core.$ZodType): JsonSchema => {
    const json = made.get(schema) ?? tidy(convert(schema, io), io);
    made.set(schema, json);
    return json;
  };
}

/** Zod's own conversion, without anything to make it prettier: what rules are checked against. */
export function convert(schema: z.core.$ZodType, io: "input" | "output"): JsonSchema {
  const { $schema: _, ...json } = z.toJSONSchema(schema as z.ZodType, {
    io,
    metadata: withoutIds as never,
  }) as JsonSchema;
  return json;
}

/** Names of shared schemas are left out, so that Zod writes each one where it is used. */
const withoutIds = {
  get: (schema: z.core.$ZodType) => {
    const { id: _, ...rest } = (z.globalRegistry.get(schema) ?? {}) as { id?: string };
    return rest;
  },
  has: (schema: z.core.$ZodType) => z.globalRegistry.has(schema),
};

/**
 * The same schema as a person or a model would rather read it. Outputs lose `additionalProperties: false`, because an
 * answer may gain fields; inputs keep it.
 */
export function tidy<T>(value: T, io: "input" | "output"): T {
  if (Array.isArray(value)) return value.map((v) => tidy(v, io)) as T;
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, v]) => [
    key,
    literal.has(key) ? v : key === "properties" ? each(v, io) : tidy(v, io),
  ]);
  return inOrder(simpler(Object.fromEntries(entries), io)) as T;
}

/** Keywords whose value is data, not schema. */
const literal = new Set(["default", "example", "examples", "const", "enum", "required"]);
const each = (properties: object, io: "input" | "output") =>
  Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, tidy(schema, io)]));

function simpler(schema: JsonSchema, io: "input" | "output"): JsonSchema {
  const { example, pattern, "x-dais-secret": isSecret, ...rest } = orNull(schema);
  if (io === "output" && saysNothing(rest.additionalProperties)) delete rest.additionalProperties;
  if (isSecret) Object.assign(rest, { format: "password", readOnly: true });
  if (example !== undefined) rest.examples = [example];
  // Zod spells the calendar out in the pattern of a moment. The format says the same; only the Z is news.
  if (rest.format === "date-time") rest.pattern = "Z$";
  else if (pattern !== undefined && rest.format !== "date") rest.pattern = pattern;
  return rest;
}

/** Closed, or open to anything, which an output is without being said. */
const saysNothing = (more: unknown): boolean => more === false || JSON.stringify(more) === "{}";

const first = ["$ref", "type", "format", "title", "description", "readOnly", "const", "enum", "default", "pattern"];
const last = ["properties", "required", "additionalProperties", "items", "anyOf", "allOf", "examples"];

function inOrder(schema: JsonSchema): JsonSchema {
  const rank = (key: string) => (first.includes(key) ? first.indexOf(key) : 100 + (last.indexOf(key) + 1));
  return Object.fromEntries(Object.entries(schema).sort(([a], [b]) => rank(a) - rank(b)));
}
