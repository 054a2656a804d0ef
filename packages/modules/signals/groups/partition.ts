import { type Union, union } from "../union.ts";
import { connect, eachPair, gap, type Node } from "./rule.ts";

/** What was said of two signals. */
export type Tie = { kind: "together" | "apart" | "refers"; one: string; other: string; at: number };

/**
 * Which signals are one group: those that are connected, by what people said, by references, or by the rule. What people said to be
 * apart cuts: connections are made one after another, and one that would bring two such signals together is left out. First those that
 * people made, the newest first; then references; then those of the rule, the nearest first. Ids decide between equals, so the answer is
 * the same for the same signals and ties, however they came to be.
 */
export function partition(nodes: readonly Node[], ties: readonly Tie[]): Node[][] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const known = ties.filter(({ one, other }) => one !== other && byId.has(one) && byId.has(other));
  const apart = known.filter(({ kind }) => kind === "apart");
  const sets = union(byId.keys());
  const join = apart.length > 0 ? joining(sets, apart) : sets.join;
  const of = (kind: Tie["kind"]) => known.filter((tie) => tie.kind === kind);
  for (const { one, other } of of("together").sort((a, b) => b.at - a.at || byIds(a, b))) join(one, other);
  for (const { one, other } of of("refers").sort(byIds)) join(one, other);
  // Without anything apart, the order doesn't matter.
  if (apart.length === 0) connect(nodes, (a, b) => void sets.join(a.id, b.id));
  else for (const { one, other } of nearest(nodes, sets)) join(one, other);
  return sets.sets().map((set) => set.map((id) => byId.get(id) as Node));
}

type Pair = { one: string; other: string };
const byIds = (a: Pair, b: Pair): number => compare(low(a), low(b)) || compare(high(a), high(b));
const low = ({ one, other }: Pair) => (one < other ? one : other);
const high = ({ one, other }: Pair) => (one < other ? other : one);
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The connections of the rule in their order. Of those between the same two sets only the first counts: where it is refused, all are. */
function nearest(nodes: readonly Node[], sets: Union<string>): Pair[] {
  const between = new Map<string, Pair & { share: number }>();
  const within = nodes.map((node) => ({ ...node, set: sets.find(node.id) }));
  eachPair(within, (a, b) => {
    if (a.set === b.set) return;
    const share = gap(a, b);
    if (share === null) return;
    const key = a.set < b.set ? `${a.set} ${b.set}` : `${b.set} ${a.set}`;
    const edge = { one: a.id, other: b.id, share };
    const best = between.get(key);
    if (!best || inOrder(edge, best) < 0) between.set(key, edge);
  });
  return [...between.values()].sort(inOrder);
}

const inOrder = (a: Pair & { share: number }, b: Pair & { share: number }) => a.share - b.share || byIds(a, b);

/** Joins two sets, unless that brought signals together that are apart. */
function joining(sets: Union<string>, apart: readonly Pair[]): (a: string, b: string) => void {
  const enemies = new Map<string, string[]>();
  const add = (id: string, more: readonly string[]) => enemies.set(id, [...(enemies.get(id) ?? []), ...more]);
  for (const { one, other } of apart) {
    add(one, [other]);
    add(other, [one]);
  }
  return (a, b) => {
    const [one, other] = [sets.find(a), sets.find(b)];
    if (one === other || (enemies.get(one) ?? []).some((enemy) => sets.find(enemy) === other)) return;
    const its = [...(enemies.get(one) ?? []), ...(enemies.get(other) ?? [])];
    const top = sets.join(one, other);
    if (its.length > 0) enemies.set(top, its);
  };
}
