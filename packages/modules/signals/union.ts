/** Sets that grow together: at first each thing is a set of its own. */
export type Union<T> = {
  /** The thing that stands for the set that `thing` is in. */
  find(thing: T): T;
  /** Makes one set of those of both. Answers with the thing that stands for it. */
  join(a: T, b: T): T;
  /** All sets, of all things that were ever named. */
  sets(): T[][];
};

export function union<T>(things: Iterable<T> = []): Union<T> {
  const above = new Map<T, T>();
  const size = new Map<T, number>();
  function find(thing: T): T {
    let top = above.get(thing) ?? thing;
    if (top === thing) {
      above.set(thing, thing);
      return thing;
    }
    for (let next = above.get(top) as T; next !== top; next = above.get(top) as T) top = next;
    above.set(thing, top);
    return top;
  }
  for (const thing of things) find(thing);
  return {
    find,
    join(a, b) {
      const [one, other] = [find(a), find(b)];
      if (one === other) return one;
      const [large, small] = (size.get(one) ?? 1) >= (size.get(other) ?? 1) ? [one, other] : [other, one];
      above.set(small, large);
      size.set(large, (size.get(large) ?? 1) + (size.get(small) ?? 1));
      return large;
    },
    sets() {
      const sets = new Map<T, T[]>();
      for (const thing of above.keys()) {
        const top = find(thing);
        const its = sets.get(top) ?? [];
        its.push(thing);
        sets.set(top, its);
      }
      return [...sets.values()];
    },
  };
}
