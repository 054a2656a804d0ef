/** Marks of emphasis in a whole source. Pairing them costs their number squared; this many cost a few tenths of a second. */
const mostMarks = 3000;
/** Quotes and list items that begin on one line. */
const mostOpened = 12;

/** A line of dashes or stars alone is a rule, however long. */
const rule = "[ \\t]*(?:(?:-[ \\t]*)+|(?:\\*[ \\t]*)+)$";
const begins = "[ \\t]*(?:>|[-+*](?=[ \\t])|\\d{1,9}[.)](?=[ \\t]))";
const opened = new RegExp(`^(?!${rule})(?:${begins}){${mostOpened + 1}}`, "m");

/**
 * Whether a source is nothing that anybody wrote to be read: the parser's work would grow with the square of its marks. Such a source is
 * shown as it is written. No page of 50 000 characters that a person formatted comes near it.
 */
export function tangled(source: string): boolean {
  if (opened.test(source)) return true;
  let marks = 0;
  for (let at = 0; at < source.length; at += 1) {
    const code = source.charCodeAt(at);
    if (code === 42 || code === 95) marks += 1; // * and _
  }
  return marks > mostMarks;
}
