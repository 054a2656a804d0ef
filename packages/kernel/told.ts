import type { z } from "zod";
import type { Tenant } from "./context.ts";

/** Something classified that an answer tells of. */
export type Told = { id: string | null; classification: string };

/** What an answer tells of, from the level on from which that is kept on record. `highest`: the place of its highest level, or -1. */
export type Found = { items: Told[]; count: number; highest: number };

const mostNamed = 100;

/** Collects it. A hundred things are named at most, the highest first. */
export function finding({ levels, readsFrom }: Pick<Tenant, "levels" | "readsFrom">) {
  const found: Found = { items: [], count: 0, highest: -1 };
  const add = (one: Told): void => {
    const rank = levels.indexOf(one.classification);
    if (rank >= readsFrom) note(found, one, rank);
  };
  return { found, add };
}

export function note(found: Found, one: Told, rank: number): void {
  found.count += 1;
  if (rank >= found.highest) found.items.unshift(one);
  else found.items.push(one);
  found.highest = Math.max(found.highest, rank);
  if (found.items.length > mostNamed) found.items.pop();
}

type Visit = (value: unknown, found: (one: Told) => void) => void;
type Def = {
  type: string;
  shape?: Record<string, z.core.$ZodType>;
  element?: z.core.$ZodType;
  innerType?: z.core.$ZodType;
  valueType?: z.core.$ZodType;
  options?: z.core.$ZodType[];
  out?: z.core.$ZodType;
};

const known = new WeakMap<z.core.$ZodType, Visit | null>();

/**
 * Finds what is classified in the answers that fit a schema: each object that says its own level in `classification`. Made once for each
 * schema; null where nothing in it can be classified, so that such answers cost nothing.
 */
export function tellerOf(schema: z.core.$ZodType): Visit | null {
  const made = known.get(schema);
  if (made !== undefined) return made;
  known.set(schema, null); // what contains itself is looked into once
  const visit = visitorOf(schema._zod.def as unknown as Def);
  known.set(schema, visit);
  return visit;
}

function visitorOf({ type, shape, element, innerType, valueType, options, out }: Def): Visit | null {
  if (type === "object" && shape) return ofObject(shape);
  if (type === "array" && element) return each(tellerOf(element), (value) => value as unknown[]);
  if (type === "record" && valueType) return each(tellerOf(valueType), (value) => Object.values(value as object));
  if (type === "union" && options) return together(options.map(tellerOf));
  const inner = innerType ?? out;
  return inner ? tellerOf(inner) : null;
}

function ofObject(shape: Record<string, z.core.$ZodType>): Visit | null {
  const fields = Object.entries(shape).flatMap(([name, field]) => {
    const visit = tellerOf(field);
    return visit ? [[name, visit] as const] : [];
  });
  const classified = "classification" in shape;
  if (!classified && fields.length === 0) return null;
  return (value, found) => {
    if (typeof value !== "object" || value === null) return;
    const its = value as Record<string, unknown>;
    if (its.withheld === true) return; // it tells nothing
    if (classified && typeof its.classification === "string")
      found({ id: nameOf(its), classification: its.classification });
    for (const [name, visit] of fields) visit(its[name], found);
  };
}

/** An event is of something, which it names. */
const nameOf = ({ subject, id }: Record<string, unknown>): string | null =>
  typeof subject === "string" ? subject : typeof id === "string" ? id : null;

const each = (visit: Visit | null, members: (value: unknown) => readonly unknown[]): Visit | null =>
  visit &&
  ((value, found) => {
    if (typeof value === "object" && value !== null) for (const one of members(value)) visit(one, found);
  });

function together(some: readonly (Visit | null)[]): Visit | null {
  const visits = some.filter((one) => one !== null);
  if (visits.length === 0) return null;
  return (value, found) => {
    const seen = new Set<string>();
    const once = (one: Told) => {
      const key = JSON.stringify(one);
      if (!seen.has(key)) found(one);
      seen.add(key);
    };
    for (const visit of visits) visit(value, once);
  };
}
