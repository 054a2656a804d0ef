/** What was shown is not what it claims to be. The message says so to whoever checks. */
export class Flaw extends Error {
  override name = "Flaw";
}

/** The question itself can't be answered: a flag, a file or a key of the caller's. */
export class Usage extends Error {
  override name = "Usage";
}

/** @throws Flaw unless it holds */
export function must(holds: boolean, flaw: string): asserts holds {
  if (!holds) throw new Flaw(flaw);
}
