import type { Log } from "@dais/kernel/context";
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWK, type JWSHeaderParameters } from "jose";
import { isObject } from "../http.ts";
import { anyDirectory, directoryOf } from "./directory.ts";
import type { Metadata } from "./discovery.ts";
import { IssuerAway, SignInRefused } from "./errors.ts";
import type { AskIssuer } from "./fetch.ts";

export type KeyFor = (header: JWSHeaderParameters, iss: unknown) => ReturnType<ReturnType<typeof createLocalJWKSet>>;

/** `issuer`: Microsoft's, in a document for all directories. */
type PublicKey = JWK & { issuer?: unknown };

const keptMs = 600_000;
/** Strangers may send tokens of unknown keys: the issuer is not asked more often than this because of them. */
const floorMs = 30_000;
const mostKeys = 100;

/**
 * The issuer's public key for a token. The keys are kept for ten minutes, so that one taken back stops working; a key that is not among
 * them is asked for, at most every 30 seconds, so that a new one works at once. Our own cache rather than jose's: that one reads the
 * machine's clock.
 *
 * @throws SignInRefused where the issuer has no such key, IssuerAway where it can't be asked
 */
export function issuerKeys(
  metadata: () => Promise<Pick<Metadata, "issuer" | "jwksUri">>,
  { askIssuer, now, log }: { askIssuer: AskIssuer; now(): Date; log: Log },
): KeyFor {
  let known: { keys: PublicKey[]; at: number } | null = null;
  let askedAt = Number.NEGATIVE_INFINITY;
  let running: Promise<PublicKey[]> | null = null;

  async function load(): Promise<PublicKey[]> {
    askedAt = now().getTime();
    try {
      const { jwksUri } = await metadata();
      const { status, body } = await askIssuer("keys", jwksUri);
      const keys = isObject(body) && Array.isArray(body.keys) ? body.keys.filter(isKey) : null;
      if (status !== 200 || !keys || keys.length > mostKeys) throw new IssuerAway(`keys: unreadable (${status})`);
      known = { keys, at: askedAt };
      log.info({ keys: keys.length }, "the issuer's keys were fetched");
      return keys;
    } finally {
      running = null;
    }
  }
  const asked = () => (running ??= load());
  const fresh = () => known !== null && now().getTime() - known.at < keptMs;

  return async (header, iss) => {
    const { issuer } = await metadata();
    const pick = (keys: PublicKey[]) => createLocalJWKSet(usable(keys, issuer, iss))(header);
    try {
      return await pick(fresh() && known ? known.keys : await asked());
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      if (!running && now().getTime() - askedAt < floorMs) throw new SignInRefused("token: unknown key");
      return pick(await asked());
    }
  };
}

/** One document for all directories holds keys that speak for one of them only: such a key says so. */
function usable(keys: PublicKey[], issuer: string, iss: unknown): JSONWebKeySet {
  if (!issuer.includes(anyDirectory)) return { keys };
  const directory = directoryOf(issuer, iss) ?? "";
  return { keys: keys.filter((key) => key.issuer === undefined || speaksFor(key.issuer, directory) === iss) };
}

const speaksFor = (issuer: unknown, directory: string) =>
  typeof issuer === "string" ? issuer.replace(anyDirectory, directory) : null;

/** Public keys only: what signs with a shared secret has no place in a public document. */
const isKey = (value: unknown): value is PublicKey =>
  isObject(value) && ["RSA", "EC", "OKP"].includes(String(value.kty));
