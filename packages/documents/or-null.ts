import type { JsonSchema } from "./schema.ts";

/** `anyOf [{ type: "string", … }, { type: "null" }]` -> `{ type: ["string", "null"], … }`. */
export function orNull(schema: JsonSchema): JsonSchema {
  const { anyOf, ...outer } = schema;
  const [some, none] = (Array.isArray(anyOf) && anyOf.length === 2 ? anyOf : []) as JsonSchema[];
  // What has ways of its own says in them that it is no null.
  if (none?.type !== "null" || typeof some?.type !== "string" || "oneOf" in some || "anyOf" in some) return schema;
  const merged: JsonSchema = { ...some, ...outer, type: [some.type, "null"] };
  if (Array.isArray(some.enum)) merged.enum = [...some.enum, null];
  return merged;
}
