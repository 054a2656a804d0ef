import { type CapCode, CapError, shown } from "./problems.ts";

/**
 * Decodes an XML document: by its byte order mark (UTF-8, UTF-16), else by its declaration, else as UTF-8.
 *
 * @throws CapError `too_large`, before anything is decoded; `encoding_unsupported`; `encoding_lies` where bytes and declaration disagree
 * @see XML 1.0, section 4.3.3 and appendix F
 */
export function decodeXml(document: Uint8Array | string, limitBytes: number): string {
  // A text is at least as long in bytes as in characters, so a huge one needs no counting.
  const bytes = typeof document === "string" ? Math.max(document.length, 0) : document.byteLength;
  if (bytes > limitBytes || (typeof document === "string" && Buffer.byteLength(document) > limitBytes)) {
    refuse("too_large", `The document has more than ${limitBytes} bytes.`);
  }
  if (typeof document === "string") return document.startsWith("\ufeff") ? document.slice(1) : document;
  return decodeBytes(document);
}

function decodeBytes(bytes: Uint8Array): string {
  const mark = marks.find(({ starts }) => starts.every((byte, n) => bytes[n] === byte));
  if (mark) return decodeMarked(bytes, mark);
  if (bytes[0] === 0 || bytes[1] === 0) {
    refuse("encoding_unsupported", "UTF-16 needs a byte order mark, and UTF-32 can't be read.");
  }
  const label = declaredEncoding(new TextDecoder("latin1").decode(bytes.subarray(0, 1024))) ?? "utf-8";
  if (label === "utf-8")
    return decode(bytes, label, "The document says that it is UTF-8, or nothing, which means the same; it isn't.");
  if (label === "us-ascii" || label === "ascii") return decodeAscii(bytes);
  if (/^utf-?16/.test(label)) refuse("encoding_lies", `The document says that it is ${shown(label)}, and isn't.`);
  if (!singleByte.has(label))
    refuse("encoding_unsupported", `The encoding ${shown(label)} can't be read: ${supported}.`);
  const text = decode(bytes, label, `The document says that it is ${label}, and isn't.`);
  // In these encodings each byte is a letter, so nothing is ever invalid. But letters that happen to be well-formed UTF-8
  // throughout are no accident.
  if (hasHighByte(bytes) && isUtf8(bytes))
    refuse("encoding_lies", `The document says that it is ${label}, and is UTF-8.`);
  return text;
}

const marks = [
  { starts: [0xff, 0xfe, 0, 0], label: null, fits: /^$/ },
  { starts: [0, 0, 0xfe, 0xff], label: null, fits: /^$/ },
  { starts: [0xef, 0xbb, 0xbf], label: "utf-8", fits: /^utf-8$/ },
  { starts: [0xff, 0xfe], label: "utf-16le", fits: /^utf-16(le)?$/ },
  { starts: [0xfe, 0xff], label: "utf-16be", fits: /^utf-16(be)?$/ },
];
const singleByte = new Set(["iso-8859-1", "windows-1252", "windows-1256"]);
const supported = "UTF-8, UTF-16 with a byte order mark, US-ASCII, ISO-8859-1, windows-1252 and windows-1256 can";

function decodeMarked(bytes: Uint8Array, { label, fits }: (typeof marks)[number]): string {
  if (label === null) return refuse("encoding_unsupported", "UTF-32 can't be read.");
  const text = decode(bytes, label, `The byte order mark says ${label}, and the bytes aren't.`);
  const declared = declaredEncoding(text.slice(0, 1024));
  if (declared && !fits.test(declared)) {
    refuse("encoding_lies", `The document says that it is ${shown(declared)}, and its byte order mark says ${label}.`);
  }
  return text;
}

function decodeAscii(bytes: Uint8Array): string {
  if (hasHighByte(bytes)) refuse("encoding_lies", "The document says that it is US-ASCII, and isn't.");
  return decode(bytes, "utf-8", "");
}

function decode(bytes: Uint8Array, label: string, otherwise: string): string {
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes);
  } catch {
    return refuse("encoding_lies", otherwise);
  }
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

const hasHighByte = (bytes: Uint8Array) => bytes.some((byte) => byte >= 0x80);

const declaredEncoding = (head: string): string | undefined =>
  /^<\?xml[ \t\r\n][^>?]*?[ \t\r\n]encoding[ \t\r\n]*=[ \t\r\n]*["']([A-Za-z0-9._-]+)["']/
    .exec(head)?.[1]
    ?.toLowerCase();

function refuse(code: CapCode, message: string): never {
  throw new CapError([{ code, xpath: "/", message }]);
}
