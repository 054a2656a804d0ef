import { must } from "./flaw.ts";
import { readBase64 } from "./text.ts";

export type Signature = { name: string; id: string; bytes: Buffer };
export type Note = { text: string; signatures: Signature[] };

const longest = 65_536;
const most = 100;

/**
 * Takes a signed note apart, and believes none of it yet.
 * @throws Flaw
 * @see https://c2sp.org/signed-note
 */
export function readNote(note: string): Note {
  must(note.length <= longest, "the note is too long");
  must(note.isWellFormed(), "the note is not UTF-8");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  must(!/[\0-\x09\x0b-\x1f]/.test(note), "the note has a control character");
  const end = note.lastIndexOf("\n\n");
  must(end >= 0 && note.endsWith("\n"), "the note has no signatures");
  const lines = note.slice(end + 2, -1).split("\n");
  must(lines.length <= most, "the note has too many signatures");
  return { text: note.slice(0, end + 1), signatures: lines.map(readSignature) };
}

/** One line: `— name base64(key id || signature)`. @throws Flaw */
export function readSignature(line: string): Signature {
  const [, name, text] = /^— ([^\s\x85+]+) ([A-Za-z0-9+/=]+)$/u.exec(line) ?? [];
  must(name !== undefined && text !== undefined, "a signature line is malformed");
  const bytes = readBase64(text, "a signature");
  must(bytes.length > 4, "a signature is empty");
  return { name, id: bytes.toString("hex", 0, 4), bytes: bytes.subarray(4) };
}
