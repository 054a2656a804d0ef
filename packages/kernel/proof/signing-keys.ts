import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import type { Sealer } from "../seal.ts";
import { keyIdOf } from "./note.ts";

/** A key that was just made. `publicKey` in hexadecimal; `sealed`: its private half. */
export type NewKey = { keyId: string; name: string; publicKey: string; sealed: string };

export type SigningKeys = {
  make(tenantId: string, name: string): NewKey;
  /** Null where the server's sealing keys don't open it. Remembered, since every checkpoint asks. */
  open(tenantId: string, keyId: string, sealed: string | null): KeyObject | null;
};

/** Makes and opens the keys that sign checkpoints. Their private halves are never anywhere but sealed, and in the memory of who signs. */
export function signingKeys(sealer: Sealer): SigningKeys {
  const known = new Map<string, KeyObject>();
  const about = (tenantId: string, keyId: string) => `audit key ${tenantId} ${keyId}`;
  return {
    make(tenantId, name) {
      const { d = "", x = "" } = generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" });
      const publicKey = Buffer.from(x, "base64url");
      const keyId = keyIdOf(name, publicKey);
      const sealed = sealer.seal(JSON.stringify({ d, x }), about(tenantId, keyId));
      return { keyId, name, publicKey: publicKey.toString("hex"), sealed };
    },
    open(tenantId, keyId, sealed) {
      const its = about(tenantId, keyId);
      const before = known.get(its);
      if (before) return before;
      const text = sealed && sealer.open(sealed, its);
      if (!text) return null;
      const key = createPrivateKey({ key: { kty: "OKP", crv: "Ed25519", ...JSON.parse(text) }, format: "jwk" });
      known.set(its, key);
      return key;
    },
  };
}
