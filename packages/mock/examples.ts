import type { Operation } from "@dais/contracts/kit/derive";
import type { Example } from "@dais/contracts/kit/operation";
import { canonical } from "@dais/kernel/canonical";
import { type Schema, schemaOf, slotOf, some, thingIn } from "./schema.ts";

export type Fields = Record<string, unknown>;

/** What the contract's examples tell: things by their ids, how a thing begins, and which values a field has. */
export type Examples = {
  things: ReadonlyMap<string, Fields>;
  /** Every id that an example mentions. */
  ids: ReadonlySet<string>;
  /** The fields of a thing that was just made, by its kind. */
  births: ReadonlyMap<string, Fields>;
  /** The values at a field of a kind of thing (`sig`, `name.en`), each once. */
  seen(kind: string, path: readonly string[]): readonly unknown[];
};

/** Reads all examples once. Where two speak of the same thing, a read is believed before a change: it shows the thing as it is. */
export function examplesOf(operations: ReadonlyMap<string, Operation>): Examples {
  const things = new Map<string, Fields>();
  const ids = new Set<string>();
  const births = new Map<string, Fields>();
  const values = new Map<string, unknown[]>();

  /** An id does not make a thing: what an event says of one names it, too. The schema says what is one. */
  function learn(value: unknown, schema: Schema): void {
    if (typeof value === "string" && isId(value)) ids.add(value);
    if (typeof value !== "object" || value === null) return;
    const id = Array.isArray(value) || !thingIn(schema) ? null : idIn(value as Fields);
    if (id && !things.has(id)) things.set(id, value as Fields);
    if (id) for (const [name, one] of Object.entries(value)) note(id.slice(0, 3), [name], one);
    for (const [name, one] of Object.entries(value)) learn(one, inside(schema, name));
  }
  function note(kind: string, path: string[], value: unknown): void {
    const key = `${kind} ${path.join(".")}`;
    const known = values.get(key) ?? [];
    if (value !== null && !known.some((one) => canonical(one) === canonical(value))) values.set(key, [...known, value]);
    if (typeof value !== "object" || value === null || Array.isArray(value) || idIn(value as Fields)) return;
    for (const [name, one] of Object.entries(value)) note(kind, [...path, name], one);
  }

  const sorted = [...operations.values()].sort((a, b) => Number(a.kind === "command") - Number(b.kind === "command"));
  for (const operation of sorted) {
    for (const { output } of operation.meta.examples) {
      learn(output, some(schemaOf(operation.output)));
      const slot = operation.meta.status === 201 ? slotOf(operation.output) : null;
      if (slot && !births.has(slot.kind)) births.set(slot.kind, at(output, slot.path) as Fields);
    }
  }
  return { things, ids, births, seen: (kind, path) => values.get(`${kind} ${path.join(".")}`) ?? [] };
}

/** The example whose input is this one, as the schema reads it, or else the first. */
export function exampleFor({ input: schema, meta }: Operation, input: Fields): (Example & { exact: boolean }) | null {
  const wanted = canonical(input);
  const exact = meta.examples.find((one) => canonical(schema.safeParse(one.input).data) === wanted);
  const found = exact ?? meta.examples[0];
  return found ? { ...found, exact: exact !== undefined } : null;
}

/** What lies at a path in a value. */
export const at = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((inner, name) => (inner as Fields | null | undefined)?.[name], value);

/** The same value with something else at a path. */
export function withAt(value: unknown, path: readonly string[], put: unknown): unknown {
  const [name, ...rest] = path;
  return name === undefined ? put : { ...(value as Fields), [name]: withAt((value as Fields)?.[name], rest, put) };
}

/** The schema of what lies under a name, or a list's item. */
function inside({ properties, items, additionalProperties: rest }: Schema, name: string): Schema {
  return some(properties?.[name] ?? (items || (typeof rest === "object" ? rest : {})));
}

/** The id of an object that is a thing, by the form of ids. */
const idIn = ({ id }: Fields): string | null => (typeof id === "string" && isId(id) ? id : null);
const isId = (text: string) => /^[a-z]{3}_[0-7][0-9a-hjkmnp-tv-z]{25}$/.test(text);
