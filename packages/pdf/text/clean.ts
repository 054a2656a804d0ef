/**
 * Text from outside, made safe to set: no lone surrogates, no control characters, nothing that turns the order of what follows
 * (embeddings, overrides and isolates), composed letters. What carries meaning in Arabic stays: joiners, and the marks of direction.
 */
export function clean(text: string): string {
  return text.toWellFormed().normalize("NFC").replace(breaks, "\n").replace(spaces, " ").replace(dropped, "");
}

/** Text that has one line only: a title, a name. */
export function oneLine(text: string): string {
  return clean(text)
    .replace(/[^\S\u00a0]+/gu, " ")
    .trim();
}

const breaks = /\r\n?|[\v\f\u0085\u2028\u2029]/gu;
const spaces = /\t/gu;
// Controls, and what has no shape by itself, but for the joiners and the marks of direction.
const dropped = /[[\p{Cc}\p{Default_Ignorable_Code_Point}]--[\n\u200c\u200d\u200e\u200f\u061c]]/gv;
