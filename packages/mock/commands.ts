import type { Operation } from "@dais/contracts/kit/derive";
import { canonical } from "@dais/kernel/canonical";
import { at, exampleFor, type Fields, withAt } from "./examples.ts";
import { alternatives, kindOf, type Schema, type Slot, schemaOf, slotOf, some, thingIn } from "./schema.ts";
import type { World } from "./world.ts";

/**
 * What a command answers: the thing that it makes or changes, with the fields that the input gives. What it does beyond them is
 * learned from its example: the fields that differ there from the same thing as reads show it. Reads see it from now on.
 */
export function commanded(
  world: World,
  operation: Operation,
  input: Fields,
  key: string | null,
  around: unknown,
): unknown {
  const { output, meta } = operation;
  if (meta.openapi.method === "DELETE" && typeof input.id === "string") world.remove(input.id);
  const call = { world, operation, input, words: [operation.path, canonical(input), key ?? ""] };
  const answer = withItems(call, around);
  const slot = slotOf(output);
  const single = Object.fromEntries(Object.entries(input).filter(([, given]) => !Array.isArray(given)));
  if (!slot) return echoed(answer, schemaOf(output), single);
  const id = existing(call, slot);
  return withAt(answer, slot.path, id ? moved(call, slot, id) : born(call, slot.kind, slot.schema, input, call.words));
}

type Call = { world: World; operation: Operation; input: Fields; words: string[] };

/** The id of the thing that the command changes; null where it makes one. */
function existing({ world, operation, input }: Call, { kind, path }: Slot): string | null {
  if (String(input.id).startsWith(`${kind}_`)) return input.id as string;
  const shown = operation.meta.status === 200 && at(operation.meta.examples[0]?.output, [...path, "id"]);
  return typeof shown === "string" && world.examples.things.has(shown) ? shown : null;
}

function born({ world, operation }: Call, kind: string, schema: Schema, given: Fields, words: string[]): Fields {
  const id = world.idFor(kind, world.now, ...words);
  const first = world.examples.births.get(kind) ?? {};
  const known: Fields = { id };
  for (const field of Object.keys({ ...first, ...given, ...schema.properties })) {
    const one = schema.properties?.[field] ?? {};
    if (field === "id") continue;
    if (given[field] !== undefined) known[field] = whole(given[field], one);
    else if (field === "version") known[field] = 1;
    else if (field in operation.input.shape && isNullable(one)) known[field] = null;
    else if (field in first) known[field] = isInstant(first[field]) ? world.now.toISOString() : first[field];
    else if (field === "state" && one.enum) known[field] = one.enum[0];
  }
  world.change(kind, id, known);
  return world.thing(kind, id, schema);
}

function moved(call: Call, slot: Slot, id: string): Fields {
  const { world, input } = call;
  const before = world.thing(slot.kind, id, slot.schema);
  const after = echoed({ ...before, ...effectOf(call, slot) }, slot.schema, { ...input, version: undefined }) as Fields;
  const changed = canonical(after) !== canonical(before);
  if (typeof input.version === "number") after.version = input.version + 1;
  else if (typeof before.version === "number") after.version = before.version + (changed ? 1 : 0);
  if ("updatedAt" in after) after.updatedAt = world.now.toISOString();
  world.change(slot.kind, id, after);
  return after;
}

/** What the example shows that the command does to its thing. */
function effectOf({ world, operation, input }: Call, { path, schema }: Slot): Fields {
  const example = exampleFor(operation, input);
  const after = at(example?.output, path) as Fields | undefined;
  if (!example || !after) return {};
  const before = world.examples.things.get(String(after.id));
  const effect: Fields = {};
  for (const [field, one] of Object.entries(schema.properties ?? {})) {
    if (["id", "version", "createdAt", "updatedAt"].includes(field) || field in operation.input.shape) continue;
    // Without a read to compare with, what has few values is what commands change.
    const differs = before && before !== after ? canonical(before[field]) !== canonical(after[field]) : some(one).enum;
    if (!differs || !(field in after)) continue;
    const [from] = Object.entries(example.input).find(([, told]) => isTelling(told) && told === after[field]) ?? [];
    effect[field] = from ? (input[from] ?? null) : isInstant(after[field]) ? world.now.toISOString() : after[field];
  }
  return effect;
}

/** A list of the output that goes with a list of the input, of the same name, has an answer for each of its items. */
function withItems(call: Call, around: unknown): unknown {
  const { world } = call;
  const answer = { ...(around as Fields) };
  const { properties = {} } = some(schemaOf(call.operation.output));
  for (const [name, { items }] of Object.entries(properties)) {
    const given = call.input[name];
    const kind = items && kindOf(items.properties?.id);
    if (!items || !kind || !Array.isArray(given)) continue;
    const shown = (at(around, [name]) as Fields[] | undefined)?.at(-1);
    answer[name] = given.map((one: unknown, n) => {
      const fields = (typeof one === "object" ? one : { id: one }) as Fields;
      const thing = fields.id
        ? world.thing(kind, String(fields.id), items)
        : born(call, kind, items, fields, [...call.words, String(n)]);
      return echoed({ ...thing, ...(thingIn(items) ? {} : shown), id: thing.id }, items, fields);
    });
  }
  return Object.keys(properties).length > 0 ? answer : around;
}

/** The same value with the fields that the input gives by the same name, at the top or else in an object inside. */
export function echoed(into: unknown, schema: Schema, input: Fields): unknown {
  if (typeof into !== "object" || into === null || Array.isArray(into)) return into;
  const { properties = {} } = some(schema);
  const result = { ...(into as Fields) };
  const inner: Fields = {};
  for (const [name, given] of Object.entries(input)) {
    if (given === undefined) continue;
    if (name in properties) result[name] = whole(given, properties[name] as Schema);
    else inner[name] = given;
  }
  if (Object.keys(inner).length === 0) return result;
  for (const [name, one] of Object.entries(properties))
    if (some(one).properties && !kindOf(some(one).properties?.id)) result[name] = echoed(result[name], one, inner);
  return result;
}

/** An object as outputs show it: what was left out is null there. */
function whole(given: unknown, schema: Schema): unknown {
  const { properties } = some(schema);
  if (typeof given !== "object" || given === null || Array.isArray(given) || !properties) return given;
  const absent = Object.keys(properties).filter((name) => !(name in given) && isNullable(properties[name] as Schema));
  return { ...Object.fromEntries(absent.map((name) => [name, null])), ...given };
}

const isNullable = (schema: Schema) => alternatives(schema)?.some((one) => one.type === "null") ?? false;
const isInstant = (given: unknown) => typeof given === "string" && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(given);
const isTelling = (given: unknown) => typeof given === "string" && given.length > 2;
