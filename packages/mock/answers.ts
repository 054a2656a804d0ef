import type { ProblemCode } from "@dais/contracts";
import type { Operation } from "@dais/contracts/kit/derive";
import { canonical } from "@dais/kernel/canonical";
import { Problem } from "@dais/kernel/problem";
import { commanded, echoed } from "./commands.ts";
import { at, exampleFor, type Fields, withAt } from "./examples.ts";
import { listed } from "./lists.ts";
import { itemsOf, type Slot, schemaOf, slotOf } from "./schema.ts";
import { value } from "./values.ts";
import type { World } from "./world.ts";

/**
 * What an operation answers to an input that its schema has accepted: things of the world, the contract's example around them where
 * it has one, and otherwise what is made up. It always fits the output's schema.
 * @throws invalid_cursor, and the capability's 404 for what was deleted
 */
export function answered(world: World, operation: Operation, input: Fields, key: string | null): unknown {
  const { output, meta } = operation;
  refuseGone(world, operation, input);
  const around = () => exampleFor(operation, input)?.output ?? madeUp();
  const madeUp = () => value(schemaOf(output), placeOf(world, operation, input));
  const drafts = [
    () => drafted(world, operation, input, key, refreshed(around(), world)),
    madeUp,
    ...meta.examples.map((one) => () => one.output),
    () => undefined,
  ];
  for (const draft of drafts) {
    const result = output.safeParse(draft());
    if (result.success) return result.data;
  }
  throw new Error(`Nothing that could be made up fits the output of ${operation.path}: give it an example.`);
}

function drafted(world: World, operation: Operation, input: Fields, key: string | null, around: unknown): unknown {
  const items = itemsOf(operation);
  if (items) return { ...(around as Fields), ...listed(world, operation, items, input) };
  if (operation.kind === "command") return commanded(world, operation, input, key, around);
  const slot = slotOf(operation.output);
  const given = Object.values(input).some((one) => one !== undefined);
  if (!slot) return echoed(around, schemaOf(operation.output), input);
  const thing = world.thing(slot.kind, askedFor(world, operation, slot, input, given), slot.schema);
  return withAt(around, slot.path, given ? echoed(thing, slot.schema, input) : thing);
}

function refuseGone(world: World, { meta }: Operation, { id }: Fields): void {
  const missing = meta.problems.find((code) => meta.capability.problems[code]?.status === 404);
  if (missing && meta.openapi.method !== "DELETE" && typeof id === "string" && world.isGone(id))
    throw new Problem(missing as ProblemCode);
}

/** The id of the one thing that a read is about. */
function askedFor(world: World, operation: Operation, { kind, path }: Slot, input: Fields, given: boolean): string {
  if (String(input.id).startsWith(`${kind}_`)) return input.id as string;
  const example = exampleFor(operation, input);
  const shown = example && (example.exact || !given) ? at(example.output, [...path, "id"]) : null;
  if (typeof shown === "string") return shown;
  const newest = given ? undefined : world.ids(kind)[0];
  return newest ?? world.idFor(kind, new Date(world.now.getTime() - 3_600_000), operation.path, canonical(input));
}

/** An example's things as they are by now. */
function refreshed(example: unknown, world: World): unknown {
  if (Array.isArray(example)) return example.map((one) => refreshed(one, world));
  if (typeof example !== "object" || example === null) return example;
  const fields = Object.entries(example).map(([name, one]) => [name, refreshed(one, world)] as const);
  const { id } = example as Fields;
  const changed = Object.entries((typeof id === "string" && world.changed(id)) || {});
  return Object.fromEntries([...fields, ...changed.filter(([name]) => name in example)]);
}

function placeOf(world: World, { path }: Operation, input: Fields) {
  const key = `${path} ${canonical(input)}`;
  const born = world.now.getTime() - 3_600_000;
  return { world, key, kind: null, path: [], n: world.chance.below(1e6, key), born, fresh: true, depth: 0 };
}
