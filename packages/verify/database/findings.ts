/** Something in a database that is not as it was sealed. */
export type Finding = { index: number | null; id: string | null; what: string };

/** Counts all that is found, and keeps the first of it. */
export type Findings = {
  count: number;
  first: Finding[];
  add(what: string, index?: number | null, id?: string | null): void;
};

const kept = 20;

export function findings(): Findings {
  const found: Findings = {
    count: 0,
    first: [],
    add(what, index = null, id = null) {
      found.count += 1;
      if (found.first.length < kept) found.first.push({ index, id, what });
    },
  };
  return found;
}
