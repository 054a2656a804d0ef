import { createHash, createPublicKey, type KeyObject, sign, verify } from "node:crypto";

/** What a key signs: 1, notes; 4, cosignatures. @see https://c2sp.org/signed-note and https://c2sp.org/tlog-cosignature */
export type KeyType = 1 | 4;
/** A public Ed25519 key, by the name that goes with it. `id`: 8 hexadecimal digits. */
export type VerifierKey = { name: string; id: string; publicKey: Buffer; type: KeyType };

/** The id of a key under a name. */
export const keyIdOf = (name: string, publicKey: Uint8Array, type: KeyType = 1): string =>
  createHash("sha256").update(`${name}\n`).update(Buffer.of(type)).update(publicKey).digest("hex").slice(0, 8);

/** A key as text, the way verifiers are given it. */
export const vkeyOf = ({ name, publicKey, type = 1 }: Pick<VerifierKey, "name" | "publicKey"> & { type?: KeyType }) =>
  `${name}+${keyIdOf(name, publicKey, type)}+${Buffer.concat([Buffer.of(type), publicKey]).toString("base64")}`;

/** Reads such a text; null where it isn't one, or its id isn't that of its key. */
export function readVkey(text: string): VerifierKey | null {
  const [, name = "", id = "", body = ""] = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? [];
  const bytes = Buffer.from(body, "base64");
  const [type] = bytes;
  if (bytes.length !== 33 || bytes.toString("base64") !== body || (type !== 1 && type !== 4)) return null;
  const publicKey = bytes.subarray(1);
  return keyIdOf(name, publicKey, type) === id ? { name, id, publicKey, type } : null;
}

/** What a checkpoint says: the log, its size, its root. Ends with a line feed. @see https://c2sp.org/tlog-checkpoint */
export const checkpointText = (origin: string, size: number, root: Uint8Array): string =>
  `${origin}\n${size}\n${Buffer.from(root).toString("base64")}\n`;

/** Of a signed note, what is signed. */
export const textOf = (note: string): string => note.slice(0, note.lastIndexOf("\n\n") + 1);

/** The text with its signature behind it. */
export function signedNote(text: string, name: string, keyId: string, key: KeyObject): string {
  return `${text}\n${signatureLine(name, keyId, sign(null, Buffer.from(text), key))}\n`;
}

const signatureLine = (name: string, keyId: string, signature: Uint8Array): string =>
  `— ${name} ${Buffer.concat([Buffer.from(keyId, "hex"), signature]).toString("base64")}`;

/** A line of signature, taken apart; null where it is none. */
export function readSignatureLine(line: string): { name: string; keyId: string; signature: Buffer } | null {
  const [, name = "", body = ""] = /^— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/.exec(line) ?? [];
  const bytes = Buffer.from(body, "base64");
  if (bytes.length <= 4 || bytes.toString("base64") !== body) return null;
  return { name, keyId: bytes.subarray(0, 4).toString("hex"), signature: bytes.subarray(4) };
}

/**
 * Whether a line is the cosignature of a checkpoint by this key, and when it was made by the witness' clock; null where it isn't.
 * @see https://c2sp.org/tlog-cosignature
 */
export function cosignedAt(line: string, note: string, { name, id, publicKey }: VerifierKey): Date | null {
  const read = readSignatureLine(line);
  if (!read || read.name !== name || read.keyId !== id || read.signature.length !== 72) return null;
  const seconds = read.signature.readBigUInt64BE();
  const said = Buffer.from(`cosignature/v1\ntime ${seconds}\n${textOf(note)}`);
  if (!verify(null, said, ed25519(publicKey), read.signature.subarray(8))) return null;
  const at = new Date(Number(seconds) * 1000);
  return Number.isNaN(at.getTime()) ? null : at;
}

/** The key of 32 bytes, for `node:crypto`. */
export const ed25519 = (publicKey: Uint8Array): KeyObject =>
  createPublicKey({
    key: { kty: "OKP", crv: "Ed25519", x: Buffer.from(publicKey).toString("base64url") },
    format: "jwk",
  });
