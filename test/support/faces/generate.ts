import type { Operation } from "@dais/contracts/kit/derive";
import { idKinds } from "@dais/contracts/kit/ids";
import fc from "fast-check";
import { z } from "zod";
import { agentActor } from "./actors.ts";
import { fitting } from "./fitting.ts";
import { stateful } from "./values.ts";

/**
 * Stands for a thing by its kind and its number in the order of creation: each face has one of its own there. Past the last one it goes on
 * with the first.
 */
export type Ref = { $ref: string; n: number };
/** The number of one that nobody has. */
export const nobodys = 9;
export type Input = Record<string, unknown>;
export type Call = { operation: string; input: Input; actor: number; key: string | null; ifMatch: boolean };

type Json = {
  type?: string;
  enum?: unknown[];
  const?: unknown;
  pattern?: string;
  format?: string;
  anyOf?: Json[];
  allOf?: Json[];
  items?: Json;
  properties?: Record<string, Json>;
  required?: string[];
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
  minLength?: number;
  maxLength?: number;
  $ref?: string;
  $defs?: Record<string, Json>;
};

/** Calls of every operation, valid and invalid, in the proportions of a busy day. */
export function calls(operations: ReadonlyMap<string, Operation>, actors: number): fc.Arbitrary<Call> {
  const each = [...operations.values()].map((operation) => {
    const schema = z.toJSONSchema(operation.input, { io: "input", unrepresentable: "any" }) as Json;
    const path = [...operation.meta.openapi.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] as string);
    const { assurance, problems } = operation.meta;
    // The first of the actors may do everything; what only a person may do is the last one's.
    const person =
      assurance ||
      /^(dispatchRecipients\.(message|acknowledge)$|notifications\.)/.test(operation.path) ||
      problems.some((code) =>
        /^(me|session)_|^(person_required|contact_person_only|action_own_work|briefing_not_recipient)$/.test(code),
      );
    const likely = problems.includes("proposal_foreign") ? agentActor : person ? actors - 1 : 0;
    const any = arbitrary(schema, schema.$defs ?? {}) as fc.Arbitrary<Input>;
    const fits = fitting[operation.path];
    const valid = fits
      ? fc.oneof({ weight: 3, arbitrary: fc.tuple(any, fits).map(together) }, { weight: 1, arbitrary: any })
      : any;
    return fc.record({
      operation: fc.constant(operation.path),
      input: fc.oneof(
        { weight: 4, arbitrary: valid },
        { weight: 1, arbitrary: valid.chain((input) => spoiled(input, operation, path)) },
      ),
      actor: fc.oneof({ weight: 6, arbitrary: fc.constant(likely) }, { weight: 4, arbitrary: fc.nat(actors - 1) }),
      key:
        operation.kind === "query"
          ? fc.constant(null)
          : fc.option(fc.constantFrom("k1", "k2", "k3", "a longer one".replaceAll(" ", "-"), "bad key"), { freq: 2 }),
      // What merges late edits does so by the body's version alone, and If-Match is said over REST only: there the faces differ by intent.
      ifMatch: fc.boolean().map((said) => said && operation.meta.onStale !== "merge"),
    });
  });
  return fc.oneof(...each);
}

const together = ([input, fields]: [Input, Input]): Input =>
  Object.fromEntries(Object.entries({ ...input, ...fields }).filter(([, value]) => value !== undefined));

/** One thing wrong with an input that is otherwise right, of a kind that every face can say. */
function spoiled(input: Input, operation: Operation, path: string[]): fc.Arbitrary<Input> {
  const fields = Object.keys(input).filter((field) => !path.includes(field));
  const isJson = operation.kind !== "query" && operation.meta.upload === null;
  // What a query's text, or a document, can't say, or says as something else, is no difference between faces: lists stay lists, the rest
  // is a word.
  const inQuery = (field: string) =>
    fc.constant<unknown>(Array.isArray(input[field]) ? ["no such value"] : "no such value");
  const inBody = fc.constantFrom<unknown>("no such value", -1, true, null, [], { a: 1 }, 1e15, "x".repeat(60_000));
  return fc.oneof(
    fc.constant({ ...input, surprise: "x" }),
    ...path.map((field) =>
      fc
        .constantFrom<unknown>("nonsense", "ent_01kejc8ht0e6ssypg6m30swm9g", "sig_zzzzzzzzzzzzzzzzzzzzzzzzzz")
        .map((value) => ({ ...input, [field]: value })),
    ),
    ...(fields.length > 0
      ? [
          fc
            .constantFrom(...fields)
            .chain((field) => (isJson ? inBody : inQuery(field)).map((value) => ({ ...input, [field]: value }))),
        ]
      : []),
    ...(operation.kind === "command" && fields.length > 0
      ? [fc.constantFrom(...fields).map((field) => without(input, field))]
      : []),
  );
}

const without = (input: Input, field: string): Input =>
  Object.fromEntries(Object.entries(input).filter(([name]) => name !== field));

function arbitrary(schema: Json, defs: Record<string, Json>): fc.Arbitrary<unknown> {
  if (schema.$ref) return arbitrary(defs[schema.$ref.split("/").at(-1) as string] as Json, defs);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map((one) => arbitrary(one, defs)));
  switch (schema.type) {
    case "null":
      return fc.constant(null);
    case "boolean":
      return fc.boolean();
    case "integer":
      return fc.integer({
        min: Math.max(schema.minimum ?? 0, 1),
        max: Math.min(schema.maximum ?? 3, (schema.maximum ?? 3) > 1000 ? 3 : 30),
      });
    case "number":
      return fc.double({ min: schema.minimum ?? 0, max: schema.maximum ?? 1, noNaN: true });
    case "array":
      return fc.uniqueArray(arbitrary(schema.items as Json, defs), {
        minLength: Math.max(1, schema.minItems ?? 1),
        maxLength: 3,
        selector: (value) => JSON.stringify(value),
      });
    case "object":
      return object(schema, defs);
    default:
      return strings(schema);
  }
}

function object(schema: Json, defs: Record<string, Json>): fc.Arbitrary<Input> {
  const fields = Object.entries(schema.properties ?? {}).map(
    ([name, field]) => [name, likely(name, field) ?? arbitrary(field, defs)] as const,
  );
  const requiredKeys = fields.map(([name]) => name).filter((name) => schema.required?.includes(name));
  const whole = Object.fromEntries(fields);
  const least = Object.fromEntries(fields.filter(([name]) => schema.required?.includes(name)));
  if (requiredKeys.length === fields.length || requiredKeys.length === 0) return fc.record(whole, { requiredKeys });
  // Of many fields that may be there, one is often wrong.
  return fc.oneof(
    { weight: 2, arbitrary: fc.record(whole, { requiredKeys }) },
    { weight: 1, arbitrary: fc.record(least) },
  );
}

/** What is right more often than its form says, if any. */
function likely(name: string, schema: Json): fc.Arbitrary<unknown> | undefined {
  if (isNamed(schema)) return undefined;
  const own = stateful[name];
  // A filter by levels takes several.
  return own && name === "classification" && schema.type === "array" ? fc.tuple(own) : own;
}

/** Whether the schema itself names the right values. */
const isNamed = (schema: Json): boolean => Boolean(schema.enum ?? schema.items?.enum);

const words = [
  "Flood Watch",
  "تحذير من الفيضانات",
  "fire 🔥 & smoke",
  "O'Hara; --",
  "ABC",
  "Asia/Dubai",
  "rimal-x",
  "<b>bold</b>",
  "nws",
  "cap",
];

function strings(schema: Json): fc.Arbitrary<unknown> {
  const patterns = [schema, ...(schema.allOf ?? [])].flatMap((one) => (one.pattern ? [one.pattern] : []));
  const kind = Object.keys(idKinds).find((prefix) => patterns.some((pattern) => pattern.startsWith(`^${prefix}_`)));
  if (kind)
    return fc
      .oneof(...[2, 7].map((most) => ({ weight: 4, arbitrary: fc.nat(most) })), {
        weight: 1,
        arbitrary: fc.constant(nobodys),
      })
      .map((n): Ref => ({ $ref: kind, n }));
  if (schema.format === "date-time")
    return fc
      .integer({ min: 0, max: 400 })
      .map((hours) => new Date(Date.UTC(2026, 0, 1) + hours * 3_600_000).toISOString());
  if (patterns.length === 1 && !patterns[0]?.includes("u2028")) return fc.constantFrom(...known(patterns[0] as string));
  return fc.constantFrom(...words.filter((word) => word.length >= (schema.minLength ?? 0)));
}

/** Readable values for the contract's patterns; one that knows none is generated from the pattern itself. */
function known(pattern: string): string[] {
  const samples = [
    "internal",
    "public",
    "secret",
    "cosmic",
    "nws",
    "cap",
    "en",
    "ar",
    "holding",
    "unit-7",
    "signal.read",
    "posture.read",
    "no.such",
    "agent",
    "signal",
  ];
  const fitting = samples.filter((sample) => new RegExp(pattern, "u").test(sample));
  return fitting.length > 0 ? fitting : fc.sample(fc.stringMatching(new RegExp(pattern)), { numRuns: 5, seed: 1 });
}
