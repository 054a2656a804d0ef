import { quietUntilDue } from "@dais/contracts/inbox";
import type { WorkflowSpec } from "@dais/contracts/kit/workflow";
import { workflows } from "@dais/contracts/workflows/all";
import { movesFrom } from "@dais/contracts/workflows/derived";
import type { Fields } from "./examples.ts";
import type { Schema } from "./schema.ts";
import { object } from "./values.ts";
import type { World } from "./world.ts";

/** What waits for the caller: every thing of the world in whose state somebody has to act, as its own page shows it; the oldest first. */
export function waitingIn(world: World, items: Schema): Fields[] {
  const all = [...workflows.values()].flatMap((spec) => {
    const read = world.readOf(spec.kind);
    if (!read) return [];
    const things = world.ids(spec.kind).map((id) => world.thing(spec.kind, id, read.schema));
    return things.filter(({ state }) => waits(spec, state)).map((thing) => item(world, spec, read.path, items, thing));
  });
  return all
    .filter(({ kind, state, overdue }) => overdue || !quietUntilDue[kind as string]?.includes(state as string))
    .sort((a, b) => String(a.since).localeCompare(String(b.since)) || String(a.id).localeCompare(String(b.id)));
}

const waits = ({ states }: WorkflowSpec, state: unknown): boolean => "waits" in (states[state as string] ?? {});

function item(world: World, spec: WorkflowSpec, path: string, items: Schema, thing: Fields): Fields {
  const { id, state, classification, title = thing.name } = thing as Record<string, string | undefined>;
  const since = thing.updatedAt ?? thing.createdAt ?? world.now.toISOString();
  const known = {
    ...{ kind: spec.name, id, state, classification, since },
    title: typeof title === "object" ? title : { en: title ?? spec.title, ar: null },
    path: path.replace("{id}", String(id)),
    moves: movesFrom(spec, String(state)).map(({ event }) => event),
  };
  const n = world.chance.below(1e6, id);
  const born = Date.parse(String(since));
  const made = object(
    items,
    { world, key: `waiting ${id}`, kind: null, path: [], n, born, fresh: false, depth: 0 },
    known,
  );
  const lent = made.via === "delegation" || made.via === "deputy";
  return {
    ...made,
    overdue: typeof made.dueAt === "string" && made.dueAt <= world.now.toISOString(),
    onBehalfOf: lent ? (made.onBehalfOf ?? world.ids("per")[0]) : null,
  };
}
