import type { JsonSchema } from "./schema.ts";

/** `anyOf [{ type: "string", … }, { type: "null" }]` -> `{ type: ["string", "null"], … }`. */
export function orNull(schema: JsonSchema): JsonSchema {
  const { anyOf, ...outer } = schema;
  const [some, none] = (Array.isArray(anyOf) && anyOf.length === 2 ? anyOf : []) as JsonSchema[];
  if (none?.type !== "null" || typeof some?.type !== "string") return schema;
  const merged: JsonSchema = { ...some, ...outer, type: [some.type, "null"] };
  if (Array.isArray(some.enum)) merged.enum = [...some.enum, null];
  return merged;
}
