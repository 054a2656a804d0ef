import type { Operation } from "@dais/contracts/kit/derive";
import { type IdKind, idOf, uuidOf } from "@dais/contracts/kit/ids";
import { sha256 } from "@dais/kernel/canonical";
import { type Chance, chance } from "./chance.ts";
import { type Examples, examplesOf, type Fields } from "./examples.ts";
import { type Schema, slotOf } from "./schema.ts";
import { object } from "./values.ts";

/** What there is. Everything follows from seed and clock, but for what commands have changed since the start. */
export type World = {
  readonly seed: string;
  readonly now: Date;
  readonly chance: Chance;
  readonly examples: Examples;
  /** The ids of all things of a kind, newest first. */
  ids(kind: string): string[];
  /** A thing, as far as the schema shows it: two schemas with the same field show the same value. There is one for every id. */
  thing(kind: string, id: string, schema: Schema, depth?: number): Fields;
  /** How a thing of a kind is read: at which path, with which schema. Null: not by its id alone. */
  readOf(kind: string): { path: string; schema: Schema } | null;
  /** How often commands have changed anything: nothing has another value while it stays the same. */
  changes(): number;
  /** What commands have changed of a thing. */
  changed(id: string): Fields | undefined;
  /** Changes a thing; one that there wasn't is there from now on. */
  change(kind: string, id: string, fields: Fields): void;
  remove(id: string): void;
  isGone(id: string): boolean;
  /** The id of the thing that these words make: the same words, the same thing. */
  idFor(kind: string, at: Date, ...words: string[]): string;
};

/** How many things of a kind there are at the start, and how far apart they were made. */
const most = 40;
const apartMs = 97 * 60_000;

export function worldOf(operations: ReadonlyMap<string, Operation>, seed: string, now: Date): World {
  const examples = examplesOf(operations);
  const changes = new Map<string, Fields>();
  const gone = new Set<string>();
  const made = new Map<string, string[]>();
  let times = 0;
  const ofChance = chance(seed);

  const reads = once(() => readsOf(operations));

  const idFor: World["idFor"] = (kind, at, ...words) => {
    const time = at.getTime().toString(16).padStart(12, "0").slice(-12);
    const rest = sha256([seed, kind, ...words].join("\n"));
    return idOf(kind as IdKind, `${time}7${rest.slice(0, 3)}8${rest.slice(3, 18)}`);
  };

  function atFirst(kind: string): string[] {
    const known = [...examples.ids].filter((id) => id.startsWith(`${kind}_`));
    const more = Array.from({ length: most }, (_, n) => {
      const ms = now.getTime() - n * apartMs - ofChance.below(apartMs, kind, n);
      return idFor(kind, new Date(ms), String(n));
    });
    return [...known, ...more];
  }

  const bornOf = (id: string): number => {
    const ms = /^[a-z]{3}_/.test(id) ? Number.parseInt(uuidOf(id).replaceAll("-", "").slice(0, 12), 16) : 0;
    const age = now.getTime() - ms;
    return age >= 0 && age < 366 * 86_400_000 ? ms : now.getTime() - ofChance.below(3 * 86_400_000, id);
  };

  const world: World = {
    seed,
    now,
    chance: ofChance,
    examples,
    ids(kind) {
      const all = made.get(kind) ?? atFirst(kind).sort().reverse();
      made.set(kind, all);
      return all.filter((id) => !gone.has(id));
    },
    thing(kind, id, schema, depth = 0) {
      const known = { ...examples.things.get(id), ...changes.get(id), id };
      const n = ofChance.below(1e6, id);
      const fresh = ofChance.fraction(id, "fresh") < 0.6;
      return object(
        schema,
        { world, key: id, kind, path: [], n, born: bornOf(id), fresh, depth: depth && depth + 1 },
        known,
      );
    },
    readOf: (kind) => reads().get(kind) ?? null,
    changes: () => times,
    changed: (id) => changes.get(id),
    change(kind, id, fields) {
      times += 1;
      changes.set(id, { ...changes.get(id), ...fields });
      const all = world.ids(kind);
      if (!all.includes(id)) made.set(kind, [...all, id].sort().reverse());
    },
    remove(id) {
      times += 1;
      gone.add(id);
    },
    isGone: (id) => gone.has(id),
    idFor,
  };
  return world;
}

/** The reads of one thing by its id, by the kind of thing. */
function readsOf(operations: ReadonlyMap<string, Operation>): Map<string, { path: string; schema: Schema }> {
  const reads = new Map<string, { path: string; schema: Schema }>();
  for (const { kind: of, output, meta } of operations.values()) {
    const { path } = meta.openapi;
    const slot = of === "query" && /^[^{]*\{id\}$/.test(path) ? slotOf(output) : null;
    if (slot?.path.length === 0 && !reads.has(slot.kind)) reads.set(slot.kind, { path, schema: slot.schema });
  }
  return reads;
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
