/**
 * Text without XML's white space at its ends.
 *
 * By hand: `/\s+$/` takes quadratic time on a long run of spaces, and `trim` also takes what XML doesn't call white space.
 */
export function trimmed(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && isSpace(text.charCodeAt(from))) from++;
  while (to > from && isSpace(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}

/** The words of a text, split at XML's white space. */
export function words(text: string): string[] {
  return text.split(/[ \t\r\n]+/).filter((word) => word !== "");
}

/** The items of a list of CAP's, where one with spaces is in double quotes. @see OASIS CAP 1.2, `addresses` and `incidents` */
export function quotedWords(text: string): string[] {
  const items = text.matchAll(/"([^"]*)"|([^ \t\r\n]+)/g);
  return [...items].map(([, quoted, bare]) => trimmed(quoted ?? bare ?? "")).filter((item) => item !== "");
}

/** A list in CAP's form. An item keeps its spaces, but can't keep double quotes beside them. */
export function joinQuoted(items: readonly string[]): string {
  return items.map((item) => (/[ \t\r\n]/.test(item) ? `"${item.replaceAll('"', "'")}"` : item)).join(" ");
}

const isSpace = (code: number) => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
