import type { Ctx } from "@dais/kernel/context";
import type { Change } from "../change.ts";
import { union } from "../union.ts";
import type { Row } from "../workflow.ts";
import { apartKeys, keyOf, nodesNear } from "./read.ts";
import { eachPair, gap, type Node } from "./rule.ts";
import { type Settlement, settle, writeSettlement } from "./settle.ts";

/** What lies around signals that reports make or change, as it was before. */
export type Surroundings = { near: Node[]; apart: [string, string][] };

/** Reads what lies around. Null where no change concerns a group. */
export async function surroundingsOf(ctx: Ctx, changes: readonly Change[]): Promise<Surroundings | null> {
  const touched = changes.filter(concerns);
  if (touched.length === 0) return null;
  const places = touched.map(({ after }) => nodeOf(after)).filter(isSomewhere);
  const [near, apart] = await Promise.all([nodesNear(ctx, places), apartKeys(ctx)]);
  return { near, apart };
}

/**
 * Puts signals that reports made or changed into groups: only what is near to them is looked at, and it comes to the same as doing it
 * for all signals from the beginning.
 * @returns the changes with the groups that their signals are in now
 */
export async function regroup(ctx: Ctx, changes: readonly Change[], around: Surroundings | null): Promise<Change[]> {
  if (!around) return [...changes];
  const touched = changes.filter(concerns);
  const stale = new Set(
    touched.flatMap(({ after, merged }) => [after, ...merged.map((one) => one.after)].map(({ id }) => id)),
  );
  const near = [
    ...around.near.filter(({ id }) => !stale.has(id)),
    ...touched.map(({ after }) => nodeOf(after)).filter(isSomewhere),
  ];
  const joined = joinedKeys(near, stale);
  const left = touched.flatMap(({ before, merged }) =>
    [before, ...merged.map((one) => one.before)].flatMap((row) => (row ? keyOf(row) : [])),
  );
  const keys = new Set(joined.flat());
  const simple = left.length === 0 && !around.apart.flat().some((key) => keys.has(key));
  const settlement = simple ? grown(ctx, near, joined) : await settle(ctx, [...left, ...keys], around.apart);
  await writeSettlement(
    ctx,
    settlement,
    changes.map(({ after }) => after),
  );
  return changes.map((change) => {
    const groupId = settlement.moved.get(change.after.id);
    return groupId === undefined ? change : { ...change, after: { ...change.after, groupId } };
  });
}

/** The keys that signals connect to others. */
function joinedKeys(near: readonly Node[], of: ReadonlySet<string>): string[][] {
  const keys = union<string>();
  const connect = (a: Node, b: Node) => {
    const [one, other] = [keyOf(a), keyOf(b)];
    if (keys.find(one) !== keys.find(other) && gap(a, b) !== null) keys.join(one, other);
  };
  eachPair(near, connect, of);
  return keys.sets().filter((set) => set.length > 1);
}

/** Whether it may change what a group is: what has no place and no geocode is near nothing. */
function concerns({ before, after, merged }: Change): boolean {
  if (merged.length > 0) return true;
  if (before === null) return isSomewhere(nodeOf(after));
  return correlated(before) !== correlated(after);
}

const isSomewhere = ({ latitude, geocodes }: Pick<Node, "latitude" | "geocodes">) =>
  latitude !== null || geocodes.length > 0;
const correlated = ({ id: _id, groupId: _groupId, ...row }: Row) =>
  JSON.stringify(nodeOf({ ...row, id: "", groupId: null }));
const nodeOf = ({ id, category, occurredAt, latitude, longitude, geocodes, groupId, classification }: Row): Node => ({
  ...{ id, category, latitude, longitude, groupId, classification },
  occurredAt: occurredAt.getTime(),
  geocodes: [...geocodes].sort(),
});

/** Where there are only more signals, and nothing is apart, groups only grow: what the new ones connect becomes one. */
function grown(ctx: Ctx, near: readonly Node[], joined: readonly string[][]): Settlement {
  const result: Settlement = { formed: [], absorbed: [], moved: new Map(), changed: new Map() };
  const byKey = new Map<string, Node[]>();
  for (const node of near) {
    const its = byKey.get(keyOf(node)) ?? [];
    its.push(node);
    byKey.set(keyOf(node), its);
  }
  for (const keys of joined) {
    const members = keys.flatMap((key) => byKey.get(key) ?? []);
    const [first, ...others] = keys.filter((key) => byKey.get(key)?.[0]?.groupId === key).sort();
    const id = first ?? ctx.newId();
    if (first === undefined) result.formed.push({ id, members });
    else result.changed.set(id, members);
    result.absorbed.push(...others.map((gone) => ({ gone, into: id })));
    for (const node of members) if (node.groupId === null) result.moved.set(node.id, id);
  }
  return result;
}
