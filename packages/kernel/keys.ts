import { crc32 } from "node:zlib";
import { sha256 } from "./canonical.ts";

const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const form = /^dais_([a-z][a-z0-9-]{1,39})_([0-9A-Za-z]{43})([0-9A-Za-z]{6})$/;

const base62 = (value: bigint, length: number): string => {
  let text = "";
  for (let rest = value; text.length < length; rest /= 62n) text = letters[Number(rest % 62n)] + text;
  return text;
};
const checksum = (text: string) => base62(BigInt(crc32(text)), 6);

/**
 * The text of a new API key: `dais_<organisation>_<secret>`, 256 random bits and a checksum, so that scanners of leaked secrets
 * know one when they see it.
 */
export function newKeyText(slug: string, random: (bytes: number) => Uint8Array): string {
  const secret = base62(BigInt(`0x${Buffer.from(random(32)).toString("hex")}`), 43);
  return `dais_${slug}_${secret}${checksum(`dais_${slug}_${secret}`)}`;
}

/** The organisation that a key's text names, and its hash; null where the text can't be a key's. */
export function readKeyText(text: string): { slug: string; hash: string } | null {
  const [, slug, secret, check] = form.exec(text) ?? [];
  if (!slug || !secret || checksum(`dais_${slug}_${secret}`) !== check) return null;
  return { slug, hash: sha256(text) };
}
