import type { Fields } from "./examples.ts";
import { moment, number } from "./scalars.ts";
import { alternatives, isLike, kindOf, type Schema, some, thingIn } from "./schema.ts";
import { text } from "./strings.ts";
import { wordFor } from "./words.ts";
import type { World } from "./world.ts";

/** Where a value goes. Everything about it follows from this: the same place has the same value. */
export type Place = {
  world: World;
  /** Whose field it is: a thing's id, or the call that is answered. */
  key: string;
  /** The kind of that thing, whose examples are looked at. */
  kind: string | null;
  path: readonly string[];
  /** The number of the object that it lies in: words of one object belong together. */
  n: number;
  /** When the thing began, in milliseconds. */
  born: number;
  /** Whether nothing has happened to the thing yet. */
  fresh: boolean;
  depth: number;
};

const deepest = 4;

/** A value that the schema takes, plausible for its place. */
export function value(schema: Schema, place: Place): unknown {
  const { world, key, path, depth } = place;
  const { pick, fraction } = world.chance;
  const field = nameOf(path);
  if ("const" in schema) return schema.const;
  if (schema.enum) {
    const word = wordFor(field, place.n);
    return schema.enum.includes(word) ? word : pick(schema.enum, key, ...path);
  }
  const either = alternatives(schema);
  if (either) {
    const none = either.find((one) => one.type === "null");
    const others = either.filter((one) => one !== none);
    if (none && (depth > deepest || fraction(key, ...path, "null") < absence(field, place))) return null;
    const kind = kindOf(schema);
    if (none && kind && !reference(kind, place)) return null;
    return value(pick(others, key, ...path, "which"), place);
  }
  const seen = place.kind ? world.examples.seen(place.kind, path) : [];
  switch (schema.type) {
    case "object":
      return thingIn(schema) ? nested(schema, place) : object(schema, place, {});
    case "array":
      return array(schema, place, seen);
    case "string":
      return string(schema, place, seen);
    case "integer":
    case "number":
      return number(schema, { field, ...place, seen });
    case "boolean":
      return fraction(key, ...path) < 0.7;
    default:
      return schema.allOf ? value(merged(schema.allOf), place) : (seen[0] ?? null);
  }
}

/** An object with these fields where it has such, and the others made up. */
export function object(schema: Schema, place: Place, known: Fields): Fields {
  const { properties = {}, required = [], propertyNames, additionalProperties: rest } = schema;
  const inner = { ...place, depth: place.depth + 1 };
  // A name's two languages go with the object that has the name.
  if (place.path.length > 0 && !("en" in properties))
    inner.n = place.world.chance.below(1e6, place.key, ...place.path, "n");
  const of = (field: string, one: Schema) => value(one, { ...inner, path: [...place.path, field] });
  const { state } = properties;
  if (state?.enum && place.path.length === 0) inner.fresh = (known.state ?? of("state", state)) === state.enum[0];
  const made = Object.entries(properties)
    .filter(([field]) => field in known || required.includes(field) || place.depth < deepest)
    .map(([field, one]) => [field, isLike(one, known[field]) ? known[field] : of(field, one)]);
  const keys = (propertyNames?.enum as string[] | undefined) ?? [];
  const more = typeof rest === "object" ? keys.map((key) => [key, of(key, rest)]) : [];
  return Object.fromEntries([...made, ...more]);
}

function array(schema: Schema, place: Place, seen: readonly unknown[]): unknown[] {
  const { items, prefixItems, minItems = 0, maxItems = 100 } = schema;
  const { key, path, world, depth } = place;
  const of = (one: Schema, at: number) => value(one, { ...place, depth: depth + 1, path: [...path, String(at)] });
  if (prefixItems) return prefixItems.map(of);
  if (!items) return [];
  const lists = thingIn(items)
    ? []
    : seen.filter((all) => Array.isArray(all) && all.every((one) => isLike(items, one)));
  if (lists.length > 0) return world.chance.pick(lists, key, ...path) as unknown[];
  const wanted = depth > deepest ? 0 : 1 + world.chance.below(3, key, ...path, "length");
  const length = Math.min(Math.max(wanted, minItems), maxItems);
  const made = new Map<string, unknown>();
  // Each once where that is possible: lists of choices, ids and things would look odd otherwise.
  for (let at = 0; at < length * 4 && made.size < length; at += 1) {
    const one = of(items, at);
    made.set(JSON.stringify(one), one);
  }
  const all = [...made.values()];
  while (all.length < minItems) all.push(of(items, all.length));
  return all;
}

function string(schema: Schema, place: Place, seen: readonly unknown[]): string {
  const kind = kindOf(schema);
  if (kind) return reference(kind, place) ?? place.world.idFor(kind, place.world.now, place.key, ...place.path);
  const field = nameOf(place.path);
  if (schema.format === "date-time" || schema.format === "date") {
    const instant = new Date(moment(field, place)).toISOString();
    return schema.format === "date" ? instant.slice(0, 10) : instant;
  }
  return text(schema, { field, n: place.n, seen });
}

/** A thing inside another: one that there is, as it is. */
function nested(schema: Schema, place: Place): Fields {
  const kind = thingIn(schema) as string;
  return place.world.thing(kind, reference(kind, place) ?? place.key, schema, place.depth);
}

/** The id of one that there is. Of its own kind a thing only names older ones, so that trees have no circles. */
function reference(kind: string, { world, key, path }: Place): string | null {
  const ids = world.ids(kind).filter((id) => !key.startsWith(`${kind}_`) || id < key);
  return ids.length > 0 ? world.chance.pick(ids, key, ...path) : null;
}

const nameOf = (path: readonly string[]): string => path.findLast((part) => !/^\d+$/.test(part)) ?? "";

/** How often a field that may be null is. */
function absence(field: string, { fresh }: Place): number {
  if (field === "ar") return 0;
  if (/cursor|revoked|deleted|removed|cancel|ended|closed|archived|problem|error/i.test(field)) return 1;
  if (/reason|by$|decided|updated/i.test(field)) return fresh ? 1 : 0;
  return /expires/i.test(field) ? 0.7 : 0.3;
}

const merged = (all: readonly Schema[]): Schema => {
  const parts = all.map(some);
  return {
    ...Object.assign({}, ...parts),
    properties: Object.assign({}, ...parts.map((one) => one.properties)),
    required: parts.flatMap((one) => one.required ?? []),
  };
};
