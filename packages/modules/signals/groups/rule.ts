import { metresApart } from "../reports.ts";

/** A signal, as far as it takes to tell which group it is in. Moments are milliseconds since 1970. */
export type Node = {
  id: string;
  category: string;
  latitude: number | null;
  longitude: number | null;
  geocodes: readonly string[];
  occurredAt: number;
  groupId: string | null;
  classification: string;
};

export const groupMs = 6 * 3_600_000;
export const groupMetres = 25_000;

/**
 * How far apart two signals about one thing may be, as the greater share of 6 hours and of 25 km: 0 is the same place and time, 1 the
 * most. Null: they are farther, or of different categories. Where not both have a place, they must share a geocode, which counts as 1.
 */
export function gap(a: Node, b: Node): number | null {
  if (a.category !== b.category) return null;
  const ms = Math.abs(a.occurredAt - b.occurredAt);
  if (ms > groupMs) return null;
  const metres = metresApart(a, b);
  if (metres === null) return a.geocodes.some((code) => b.geocodes.includes(code)) ? 1 : null;
  return metres <= groupMetres ? Math.max(ms / groupMs, metres / groupMetres) : null;
}

/**
 * Calls `visit` with each pair that may be near enough in time: of one category, at most 6 hours apart. With `of`, only with pairs that
 * one of these is in; a pair of two of them comes twice.
 */
export function eachPair<N extends Node>(
  nodes: Iterable<N>,
  visit: (a: N, b: N) => void,
  of?: ReadonlySet<string>,
): void {
  for (const its of byCategory(nodes)) {
    for (const [n, node] of its.entries()) {
      if (of && !of.has(node.id)) continue;
      for (const step of of ? [-1, 1] : [1]) {
        for (let m = n + step; its[m]; m += step) {
          const other = its[m] as N;
          if (Math.abs(other.occurredAt - node.occurredAt) > groupMs) break;
          visit(node, other);
        }
      }
    }
  }
}

/**
 * Calls `join` with as many pairs as it takes to connect all that the rule connects. Once one has been reached it is looked for no
 * more, so that a thousand signals in one place are not a million pairs.
 */
export function connect(nodes: Iterable<Node>, join: (a: Node, b: Node) => void): void {
  for (const its of byCategory(nodes)) {
    const left = remaining(its.length);
    for (let n = left.from(0); n < its.length; n = left.from(n)) {
      left.take(n);
      const reached = [its[n] as Node];
      for (let node = reached.pop(); node; node = reached.pop()) {
        for (let m = left.from(firstSince(its, node.occurredAt - groupMs)); m < its.length; m = left.from(m + 1)) {
          const other = its[m] as Node;
          if (other.occurredAt - node.occurredAt > groupMs) break;
          if (gap(node, other) === null) continue;
          left.take(m);
          join(node, other);
          reached.push(other);
        }
      }
    }
  }
}

/** The numbers below a count, of which some are taken away: `from` answers with the first that is left, at or after one. */
function remaining(count: number) {
  const next = Array.from({ length: count + 1 }, (_, n) => n);
  function from(n: number): number {
    let found = n;
    while (next[found] !== found) found = next[found] as number;
    for (let at = n; at !== found; ) {
      const after = next[at] as number;
      next[at] = found;
      at = after;
    }
    return found;
  }
  const take = (n: number): void => {
    next[n] = n + 1;
  };
  return { from, take };
}

/** The place of the first that occurred at a time or later, in an order of times. */
function firstSince(nodes: readonly Node[], time: number): number {
  let [low, high] = [0, nodes.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((nodes[middle] as Node).occurredAt < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

function byCategory<N extends Node>(nodes: Iterable<N>): Iterable<N[]> {
  const all = new Map<string, N[]>();
  for (const node of nodes) {
    const its = all.get(node.category) ?? [];
    its.push(node);
    all.set(node.category, its);
  }
  for (const its of all.values()) its.sort((a, b) => a.occurredAt - b.occurredAt);
  return all.values();
}
