/** Line breaks, other controls, and marks that turn the direction of what follows: none of them belongs to a name. */
const unfit = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu;
const most = 200;
const mostAddress = 320;

/** A name of one line out of what a directory says: the first of its words that has something to read in it. */
export function nameFrom(...words: readonly (string | null)[]): string {
  for (const word of words) {
    const name = (word ?? "").toWellFormed().replace(unfit, " ").replace(/\s+/g, " ").trim();
    if (name) return cut(name);
  }
  return "?";
}

/** The address as it is said, or null: one that isn't a plain line is none, and a part of one is somebody else's. */
export function addressFrom(said: string | null): string | null {
  const address = said?.trim() ?? "";
  return address === "" ||
    address.length > mostAddress ||
    address.replace(unfit, "") !== address ||
    !address.isWellFormed()
    ? null
    : address;
}

/** Never in the middle of a letter that takes two places. */
const cut = (name: string): string =>
  name
    .slice(0, most)
    .replace(/[\ud800-\udbff]$/, "")
    .trimEnd();
