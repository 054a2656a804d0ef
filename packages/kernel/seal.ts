import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

export type SealingKey = { id: string; key: Uint8Array };
export type Sealer = {
  /** `about`: what the text belongs to. Opening it asks for the same, so a sealed text can't be moved to something else. */
  seal(text: string, about: string): string;
  /** Null where it was changed, belongs to something else, or was sealed by a key that isn't there. */
  open(sealed: string, about: string): string | null;
};

const nonceBytes = 12;
const tagBytes = 16;
const idForm = /^[A-Za-z0-9_-]{1,32}$/;
const form = /^(v1\.([A-Za-z0-9_-]{1,32})\.)([A-Za-z0-9_-]+)$/;

/**
 * Keeps texts secret and unchanged at rest: `v1.<key's id>.<nonce, ciphertext and tag in base64url>`, AES-256-GCM. The first key seals, all
 * of them open: a new key goes to the front, and the old one leaves when nothing is sealed by it any more. A key is good for 2^32 texts,
 * since its nonces are random ones of 96 bits.
 * @throws Error for keys that are none: the fault of whoever set them, told without the key
 * @see NIST SP 800-38D, sections 5.2.1.1 (nonce of 96 bits), 8.2.2 (random nonces) and 8.3 (2^32)
 */
export function sealer(keys: readonly SealingKey[]): Sealer {
  const [first] = keys;
  if (!first) throw new Error("There must be a key to seal with.");
  const byId = new Map(keys.map(({ id, key }) => [id, Uint8Array.from(key)]));
  if (byId.size < keys.length) throw new Error("Two sealing keys have the same id.");
  for (const [id, key] of byId) {
    if (!idForm.test(id)) throw new Error("A sealing key's id must be 1 to 32 letters, digits, _ or -.");
    if (key.length !== 32) throw new Error(`The sealing key ${id} must have 32 bytes.`);
  }
  const key = byId.get(first.id) as Uint8Array;
  const head = `v1.${first.id}.`;

  return {
    seal(text, about) {
      // Never from a seed: a nonce that comes twice gives the key away.
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: tagBytes });
      cipher.setAAD(bound(head, about));
      const parts = [nonce, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()];
      return head + Buffer.concat(parts).toString("base64url");
    },
    open(sealed, about) {
      const [, itsHead = "", id = "", body = ""] = form.exec(sealed) ?? [];
      const itsKey = byId.get(id);
      const bytes = Buffer.from(body, "base64url");
      // One text for one meaning: base64url has spare bits that a decoder would let pass.
      if (!itsKey || bytes.length < nonceBytes + tagBytes || bytes.toString("base64url") !== body) return null;
      return opened(itsKey, bytes, bound(itsHead, about));
    },
  };
}

const bound = (head: string, about: string) => Buffer.from(head + about);

function opened(key: Uint8Array, bytes: Buffer, about: Buffer): string | null {
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes });
  decipher.setAAD(about).setAuthTag(bytes.subarray(-tagBytes));
  try {
    const text = decipher.update(bytes.subarray(nonceBytes, -tagBytes));
    return Buffer.concat([text, decipher.final()]).toString();
  } catch {
    return null;
  }
}
