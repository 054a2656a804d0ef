import type { Operation } from "@dais/contracts/kit/derive";
import { idKinds } from "@dais/contracts/kit/ids";
import { usualLevels } from "@dais/contracts/posture";
import { digest } from "@dais/kernel/canonical";
import fc from "fast-check";
import { z } from "zod";
import { alertsXml, anAlert } from "../cap/door.ts";

/** Stands for a thing by its kind and its number in the order of creation: each face has one of its own there. */
export type Ref = { $ref: string; n: number };
export type Input = Record<string, unknown>;
export type Call = { operation: string; input: Input; actor: number; key: string | null; ifMatch: boolean };

/** The registered agent, who alone takes back what it proposed. */
export const agentActor = 6;

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
    const person = assurance || problems.some((code) => /^(me|session)_|^person_required$/.test(code));
    const likely = problems.includes("proposal_foreign") ? agentActor : person ? actors - 1 : 0;
    const valid = arbitrary(schema, schema.$defs ?? {}) as fc.Arbitrary<Input>;
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
      ifMatch: fc.boolean(),
    });
  });
  return fc.oneof(...each);
}

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
    ([name, field]) => [name, (isNamed(field) ? undefined : stateful[name]) ?? arbitrary(field, defs)] as const,
  );
  const required = new Set(schema.required ?? []);
  return fc.record(Object.fromEntries(fields), {
    requiredKeys: fields.map(([name]) => name).filter((name) => required.has(name)),
  });
}

/** The levels of posture as they are where nobody set any. */
const usual = usualLevels.map(({ key, name, criteria }) => ({ key, name, criteria }));
/** Whether the schema itself names the right values. */
const isNamed = (schema: Json): boolean => Boolean(schema.enum ?? schema.items?.enum);

/**
 * Fields whose right value only the course of the calls tells: the newest cursor that the face was given, the version it saw last. And
 * those whose form says too little: roles that there are, numbers that somebody could have, days that lie one after the other.
 */
const stateful: Record<string, fc.Arbitrary<unknown>> = {
  cursor: fc.constantFrom<unknown>({ $cursor: true }, { $cursor: true }, { $cursor: true }, "forged"),
  lastEventId: fc.constantFrom<unknown>({ $place: true }, { $place: true }, { $place: true }, "forged"),
  version: fc.constantFrom<unknown>({ $version: true }, { $version: true }, { $version: true }, 1, 2),
  role: fc.constantFrom<unknown>("executive", "auditor", "admin", "no_such_role"),
  url: fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom<unknown>("https://alerts.example/feed.xml", "https://other.example/") },
    { weight: 1, arbitrary: fc.constant<unknown>("http://alerts.example/") },
  ),
  phone: fc.constantFrom<unknown>("+971501234567", "+971501230000", "+97150123456", null),
  place: fc.constantFrom<unknown>(null, near(0), near(3), near(20), near(1000), square(true), square(false)),
  box: fc.constantFrom<unknown>("20,20,60,30", "170,-50,-170,50", "-180,-90,180,90", "10,20,10,10"),
  near: fc.constantFrom<unknown>("25,55,1000", "0,180,20000", "91,0,1"),
  geocode: fc.constantFrom<unknown>("UGC=TXC453", "no such value"),
  assigneeId: fc.constantFrom<unknown>("me", { $ref: "per", n: 0 }),
  directory: fc.constantFrom<unknown>({ $directory: true }, { $directory: true }, "another directory"),
  level: fc.constantFrom<unknown>("high", "critical", "elevated", "no-such-level"),
  levels: fc.constantFrom<unknown>(usual, usual, usual.slice(0, 3), [usual[0], usual[0]]),
  digest: fc.constantFrom<unknown>(digest(usualLevels), digest(usualLevels), "0".repeat(64)),
  permissions: fc.constantFrom<unknown>(["signal.read"], ["signal.read", "posture.read"], ["signal.read", "no.such"]),
  ipRanges: fc.constantFrom<unknown>(null, ["10.0.0.0/8", "2001:db8::/32"], ["no network"]),
  fromDay: fc.constantFrom<unknown>("2026-02-02", "2026-02-05"),
  machine: fc.constantFrom<unknown>("agent", "agent", "wish"),
  state: fc.constantFrom<unknown>("suspended", "suspended", "active"),
  moves: fc.constantFrom<unknown>(["signal.acknowledge"], ["signal.dismiss", "signal.acknowledge"], ["signal.eat"]),
  until: fc.constantFrom<unknown>("2026-02-01T04:00:00.000Z", "2026-02-02T04:00:00.000Z", "2020-01-01T04:00:00.000Z"),
  startsAt: fc.constantFrom<unknown>(null, "2026-01-20T04:00:00.000Z"),
  toDay: fc.constantFrom<unknown>("2026-02-04", "2026-02-09"),
  xml: fc.constantFrom<unknown>(...alerts(), "<alert/>", "no XML at all", ""),
};

/** Two alerts, an update, a cancellation and an acknowledgement of the first, a test, and all of them with one that can't be taken. */
function alerts(): string[] {
  const first = { identifier: "a-1", sent: "2026-01-06T04:00:00-00:00", info: { headline: "Flood Watch" } };
  const second = { ...first, identifier: "b-1", area: "<circle>0,0 1</circle>" };
  const after = (msgType: string, minute: number) => ({
    ...{ ...first, identifier: `a-${msgType}`, sent: `2026-01-06T04:${minute}:00-00:00` },
    ...{ references: [first], alert: { msgType, note: "تحديث" } },
  });
  const test = { ...first, identifier: "t-1", alert: { status: "Test" } };
  const all = [first, second, after("Update", 10), after("Cancel", 20), after("Ack", 30), test].map(anAlert);
  return [...all, alertsXml(...all, anAlert({ ...first, sent: "yesterday" }))];
}

/** A point so many kilometres north of the others. */
function near(km: number) {
  return { points: [{ lat: 25 + km / 111, lon: 55 }] };
}

/** A polygon as it should be, or one that lacks its last point. */
function square(closed: boolean) {
  const ring = [25, 26, 26, 25].map((lat, n) => ({ lat, lon: n < 2 ? 55 : 56 }));
  return { polygons: [closed ? [...ring, { lat: 25, lon: 55 }] : ring] };
}

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
  if (kind) return fc.oneof(fc.nat(2), fc.nat(7)).map((n): Ref => ({ $ref: kind, n }));
  if (schema.format === "date-time")
    return fc
      .integer({ min: 0, max: 400 })
      .map((hours) => new Date(Date.UTC(2026, 0, 1) + hours * 3_600_000).toISOString());
  if (patterns.length === 1 && !patterns[0]?.includes("u2028")) return fc.constantFrom(...known(patterns[0] as string));
  return fc.constantFrom(...words);
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
