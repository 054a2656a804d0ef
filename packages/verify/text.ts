import { Flaw, must } from "./flaw.ts";

/** Bytes as text. @throws Flaw where they aren't UTF-8, or begin with a byte order mark */
export function readText(bytes: Uint8Array): string {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Flaw("not UTF-8");
  }
  must(!text.startsWith("\uFEFF"), "begins with a byte order mark");
  return text;
}

/**
 * Reads standard base64 in its one form: padded, nothing between or after, unused bits zero.
 * @throws Flaw
 * @see RFC 4648, sections 3.5 and 4
 */
export function readBase64(text: string, what: string): Buffer {
  const bytes = Buffer.from(text, "base64");
  must(text !== "" && bytes.toString("base64") === text, `${what} is not base64 in its one form`);
  return bytes;
}

/** A hash of 32 bytes in base64. @throws Flaw */
export function readHash(text: string, what: string): Buffer {
  const bytes = readBase64(text, what);
  must(bytes.length === 32, `${what} is not 32 bytes long`);
  return bytes;
}

/** 32 bytes in lower-case hexadecimal. @throws Flaw */
export function readHex(text: unknown, what: string): Buffer {
  must(typeof text === "string" && /^[0-9a-f]{64}$/.test(text), `${what} is not 32 bytes in lower-case hexadecimal`);
  return Buffer.from(text, "hex");
}

/** A count: decimal, no leading zero, no more than a double holds exactly. @throws Flaw */
export function readCount(text: string, what: string): number {
  const value = Number(text);
  must(/^(0|[1-9]\d{0,15})$/.test(text) && Number.isSafeInteger(value), `${what} is not a count`);
  return value;
}
