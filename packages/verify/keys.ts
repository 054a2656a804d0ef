import { createHash, createPublicKey, type KeyObject } from "node:crypto";
import { Flaw, must, Usage } from "./flaw.ts";
import { readBase64 } from "./text.ts";

/** What a key signs: a log its checkpoints, a witness the checkpoints that it saw. */
export type Key = { name: string; id: string; role: "log" | "witness"; publicKey: KeyObject };

const roles: Record<number, Key["role"]> = { 1: "log", 4: "witness" };

/**
 * The keys that whoever checks trusts: verifier keys (`<name>+<id>+<base64>`), one a line; empty lines and lines that begin with # don't count.
 * Several of one name are keys of different times.
 * @throws Usage
 * @see https://c2sp.org/signed-note, https://c2sp.org/tlog-cosignature
 */
export function readKeys(texts: readonly string[]): Key[] {
  const lines = texts.flatMap((text) => text.split(/\r?\n/)).map((line) => line.trim());
  const said = [...new Set(lines.filter((line) => line && !line.startsWith("#")))];
  const keys = said.map(readKey);
  const names = keys.map(({ name, id }) => `${name}+${id}`);
  const twice = names.find((name, at) => names.indexOf(name) < at);
  if (twice) throw new Usage(`two keys are called ${twice}: no signature could tell which one it is by`);
  if (keys.length === 0) throw new Usage("no key is given: nothing can be trusted without one");
  return keys;
}

function readKey(line: string): Key {
  try {
    const [, name, id, text] = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/u.exec(line) ?? [];
    must(name !== undefined && id !== undefined && text !== undefined, "it has not the form <name>+<id>+<base64>");
    const bytes = readBase64(text, "its last part");
    const role = roles[bytes[0] ?? 0];
    must(role !== undefined && bytes.length === 33, "it is no Ed25519 key of a log or a witness");
    must(keyId(name, bytes) === id, "its id is not the one of its name and bytes");
    const x = bytes.subarray(1).toString("base64url");
    return { name, id, role, publicKey: createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" }) };
  } catch (error) {
    if (!(error instanceof Flaw)) throw error;
    throw new Usage(`a key can't be read: ${error.message}: ${line.slice(0, 200)}`);
  }
}

/** The first four bytes of SHA-256(name || 0x0A || kind || public key), in hexadecimal. */
export const keyId = (name: string, kindAndKey: Uint8Array): string =>
  createHash("sha256").update(`${name}\n`).update(kindAndKey).digest("hex").slice(0, 8);
