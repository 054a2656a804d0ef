import { tidy } from "../schema.ts";
import { type BaseDocument, ref, type Schema, sorted } from "./json.ts";

/** The shared schemas, for `components.schemas`: the contract's own ones, and the problem. */
export function sharedSchemas({ components, paths }: BaseDocument): Record<string, Schema> {
  const all = components.schemas;
  const bodies = Object.values(paths).flatMap((path) => Object.values(path).map((o) => o.requestBody));
  const sent = reachable(bodies, all);
  const own = Object.entries(all)
    .filter(([name]) => !name.startsWith("error."))
    .map(([name, schema]) => [name, tidy(schema, sent.has(name) ? "input" : "output")]);
  return sorted<Schema>({ ...Object.fromEntries(own), Problem, FieldError });
}

/** The names of shared schemas, by what they say word for word; the first, where two say the same. */
export type SharedNames = ReadonlyMap<string, string>;
export const namesOf = (shared: Record<string, Schema>): SharedNames =>
  new Map(
    Object.entries(shared)
      .toReversed()
      .map(([name, schema]) => [JSON.stringify(schema), name]),
  );

/** A body that is a shared schema, word for word, becomes a reference to it: generated clients then have one type. */
export function asShared(schema: Schema, shared: SharedNames): Schema {
  const name = shared.get(JSON.stringify(schema));
  return name === undefined ? schema : ref("schemas", name);
}

/** The names of all shared schemas that something refers to, by whatever way. */
function reachable(from: unknown, schemas: Record<string, Schema>, found = new Set<string>()): Set<string> {
  for (const [, name] of (JSON.stringify(from) ?? "").matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
    if (name === undefined || found.has(name)) continue;
    found.add(name);
    reachable(schemas[name], schemas, found);
  }
  return found;
}

const Problem: Schema = {
  type: "object",
  description: "What went wrong (RFC 9457). Some codes have members of their own, which the code's page names.",
  properties: {
    type: {
      type: "string",
      format: "uri-reference",
      maxLength: 2000,
      description: "A page that says what it means and what to do.",
    },
    title: { type: "string", maxLength: 200, description: "The same for every occurrence of the code." },
    status: { type: "integer", minimum: 400, maximum: 599, description: "The HTTP status." },
    detail: { type: "string", maxLength: 2000, description: "What happened this time, for people." },
    instance: { type: "string", format: "uri-reference", maxLength: 200, description: "This occurrence." },
    code: { type: "string", maxLength: 64, description: "What to decide by. Never renamed." },
    requestId: { type: "string", maxLength: 100, description: "The request's id, to ask for help with." },
    retryAfterSeconds: {
      type: "integer",
      minimum: 0,
      maximum: 86_400,
      description: "As `Retry-After`, where waiting helps.",
    },
    errors: {
      type: "array",
      items: ref("schemas", "FieldError"),
      maxItems: 20,
      description: "Each thing that is wrong with the input.",
    },
  },
  required: ["type", "title", "status", "detail", "instance", "code", "requestId"],
};

const FieldError: Schema = {
  type: "object",
  properties: {
    pointer: {
      type: "string",
      maxLength: 10_000,
      description: "Where (RFC 6901). It starts with `/body`, `/query` or `/path`.",
      examples: ["/body/title"],
    },
    code: { type: "string", maxLength: 64, examples: ["too_big"] },
    message: { type: "string", maxLength: 2000, description: "For people." },
  },
  required: ["pointer", "code", "message"],
};
