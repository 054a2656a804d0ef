import {
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
  type JWTPayload,
  SignJWT,
} from "jose";
import type { Header } from "./types.ts";

type Key = { secret: JWK; kid: string; until: number | null };

/** The keys that all directories sign with, as Entra ID's do: who trusts a signature alone trusts every directory. */
export type KeyRing = {
  /** Current first. */
  secrets(): JWK[];
  /** What the key set document lists. */
  published(): JWK[];
  rotate(keepOldSeconds: number): Promise<void>;
  sign(claims: JWTPayload, header?: Header): Promise<string>;
};

/** Makes the keys of one start: RS256, one current key. */
export async function makeKeyRing(now: () => Date): Promise<KeyRing> {
  let keys = [await makeKey()];
  const live = () => keys.filter(({ until }) => until === null || now().getTime() < until);

  return {
    secrets: () => live().map(({ secret }) => secret),
    published: () => live().map(({ secret: { n, e }, kid }) => ({ kty: "RSA", use: "sig", kid, n, e })),
    async rotate(keepOldSeconds) {
      const until = now().getTime() + keepOldSeconds * 1000;
      const fresh = await makeKey();
      keys = [fresh, ...live().map((key) => ({ ...key, until: Math.min(key.until ?? until, until) }))];
    },
    async sign(claims, header = {}) {
      const { secret, kid } = keys[0] as Key;
      return new SignJWT(claims)
        .setProtectedHeader({ typ: "JWT", alg: "RS256", kid, ...header })
        .sign(await importJWK(secret, header.alg ?? "RS256"));
    },
  };
}

async function makeKey(): Promise<Key> {
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  const jwk = await exportJWK(privateKey);
  const kid = await calculateJwkThumbprint(jwk);
  return { secret: { ...jwk, kid, use: "sig" }, kid, until: null };
}
