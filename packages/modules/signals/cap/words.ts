import { instantOf } from "@dais/cap/time";

// What the contract calls no line: control characters, and the separators of lines and paragraphs.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out.
const breaks = /[\s\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;

/** Text from outside as one line of so many characters at most. */
export const oneLine = (text: string, most: number): string => cut(text.replace(breaks, " ").trim(), most);

/** Text of so many characters at most; what was longer ends in an ellipsis. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  // Half of a character that takes two would be none.
  return `${text.slice(0, most - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}

const first = Date.parse("0001-01-01T00:00:00.000Z");
const last = Date.parse("9999-12-31T23:59:59.999Z");

/** A time of CAP's as the contract shows moments: in UTC, from year 1 to 9999, beyond which a zone may bring it. */
export function momentOf(time: string): string {
  const ms = Date.parse(instantOf(time));
  return new Date(Math.min(last, Math.max(first, ms))).toISOString();
}

/** The key of a source that its sender's domain is: an address of mail, a URL, or any name. */
export function sourceOf(sender: string): string {
  const host = URL.canParse(sender) ? new URL(sender).hostname : sender.split("@").at(-1);
  const key = (host || sender)
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, "-")
    .replace(/^[^a-z0-9]+/, "");
  return key.slice(0, 80) || "cap";
}
