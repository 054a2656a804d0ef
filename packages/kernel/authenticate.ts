import type { RateClass } from "@dais/contracts/kit/operation";
import type { Actor, Tenant } from "./context.ts";
import { type Credential, hashOf, nameOf } from "./credential.ts";
import type { Gate, InUse, Limit, Subject } from "./gate.ts";
import { holderOf } from "./holder.ts";
import type { Networks } from "./networks.ts";
import type { Pool } from "./pool.ts";
import { Problem } from "./problem.ts";
import { type Renew, renewals } from "./renewal.ts";
import type { Sessions } from "./sessions.ts";
import type { ReadToken } from "./tokens.ts";
import type { Used } from "./uses.ts";

export type Identity = {
  actor: Actor;
  tenant: Tenant;
  /** When the credential ends by itself, in milliseconds since 1970. */
  expiresAt: number | null;
  /** Of a signed-in person: by when the issuer's word for it must be renewed, and until when it counts. */
  session: { renewAt: number | null; expiresAt: number | null } | null;
  /** Public ids of others on whom the credential depends: what is remembered of it is forgotten with what is known of them. */
  behind?: readonly string[];
  /** From where it may be used; absent: from anywhere. */
  from?: Networks;
  /** Whose last use is noted. */
  used?: Used;
  /** Why it is refused although it is known. */
  refusal?: "on_behalf_of_denied";
};
/** `epoch`: of the caller's credentials, under which `identity` holds. `askedAt`: when the gate told, by `performance.now()`. */
export type Admission = { identity: Identity; limit: Limit; epoch: string; askedAt: number };

/** How long a process remembers a credential without asking the database again, changed or not. */
const rememberMs = 60_000;
/** The same while a commit that nobody may ever tell of can change it. */
const unsettledMs = 400;
const rememberMost = 10_000;

type Parts = { pool: Pool; gate: Gate; sessions: Sessions; renew?: Renew; tokens?: ReadToken; now(): Date };

/** A known credential came from where it may not be used. `problem` is what a wrong one gets: the caller isn't told that it is right. */
export class OutOfPlace extends Error {
  readonly identity: Identity;
  readonly problem: Problem;

  constructor(identity: Identity, problem: Problem) {
    super("a credential was used from elsewhere");
    this.identity = identity;
    this.problem = problem;
  }
}

/**
 * Turns a credential into who it is, and takes one call off its allowance. Warm: one exchange with the gate and none with
 * Postgres. Which part of a credential is wrong is never told.
 * @throws unauthenticated, rate_limited, unavailable
 */
export function authenticator(parts: Parts) {
  const { gate, now } = parts;
  const lookUp = holderOf(parts);
  const keepFresh = renewals(parts.renew, now);
  /** By name: what was learnt, from when until when it is remembered. A clock that has gone back behind that knows nothing of it. */
  const known = new Map<string, { identity: Identity; epoch: string; from: number; until: number }>();
  const blocked = new Map<string, number>();

  async function cold(credential: Credential, hash: string, rate: RateClass, address: string): Promise<Admission> {
    const found = await lookUp(credential, hash);
    if (!found) throw await refused(address);
    await inPlace(found, address);
    const askedAt = performance.now();
    const { epoch, settled, limit, alive } = await admit(gate, found, rate, credential, hash);
    // Read again after the epoch: what is remembered under an epoch must not be older than it.
    const identity = alive ? await lookUp(credential, hash) : null;
    if (!identity) throw await refused(address);
    // Nor must it depend on others than the epoch does; a refusal is found out anew each time.
    if (String(identity.behind) !== String(found.behind) || identity.refusal)
      return { identity, limit, epoch: "", askedAt };
    if (known.size >= rememberMost) known.clear();
    const from = now().getTime();
    const until = from + (settled ? rememberMs : unsettledMs);
    known.set(nameOf(credential, hash), { identity, epoch, from, until });
    return { identity, limit, epoch, askedAt };
  }

  /** @throws OutOfPlace, and takes nothing off the allowance of whom the credential belongs to */
  async function inPlace(identity: Identity, address: string): Promise<void> {
    if (identity.from?.(address) === false) throw new OutOfPlace(identity, await refused(address));
  }

  async function refused(address: string): Promise<Problem> {
    const limit = await gate.strike(address).catch(away);
    if (limit.allowed) return new Problem("unauthenticated");
    if (blocked.size > rememberMost) blocked.clear();
    blocked.set(address, now().getTime() + limit.resetSeconds * 1000);
    return new Problem("rate_limited", { retryAfterSeconds: limit.resetSeconds });
  }

  async function warm(
    credential: Credential,
    hash: string,
    rate: RateClass,
    address: string,
  ): Promise<Admission | null> {
    const cached = known.get(nameOf(credential, hash));
    const time = now().getTime();
    if (!cached || cached.until <= time || time < cached.from || expired(cached.identity, time)) return null;
    await inPlace(cached.identity, address);
    const askedAt = performance.now();
    const { epoch, limit, alive } = await admit(gate, cached.identity, rate, credential, hash);
    return alive && epoch === cached.epoch ? { identity: cached.identity, limit, epoch, askedAt } : null;
  }

  return async (credential: Credential | null, rate: RateClass, address: string): Promise<Admission> => {
    if (!credential) throw new Problem("unauthenticated");
    const hash = hashOf(credential);
    let admission = await warm(credential, hash, rate, address);
    if (!admission) {
      known.delete(nameOf(credential, hash));
      const time = now().getTime();
      const until = blocked.get(address) ?? 0;
      if (until > time) throw new Problem("rate_limited", { retryAfterSeconds: Math.ceil((until - time) / 1000) });
      admission = await cold(credential, hash, rate, address);
    }
    const renewed = await keepFresh(hash, admission.identity, () => known.delete(nameOf(credential, hash)));
    if (!renewed) return admission;
    // What the directory said just now holds for this call already.
    const identity = await lookUp(credential, hash);
    if (!identity) throw new Problem("unauthenticated");
    return { ...admission, identity };
  };
}

/** Whose allowance and epoch an identity's are. */
export const subjectOf = ({ actor, tenant, behind }: Identity): Subject => ({
  tenantId: tenant.id,
  actorId: actor.id,
  ...(behind && { behind }),
});

const expired = ({ expiresAt }: Identity, time: number) => expiresAt !== null && expiresAt <= time;
const away = (): never => {
  throw new Problem("unavailable", { retryAfterSeconds: 2 });
};
const admit = (gate: Gate, identity: Identity, rate: RateClass, { scheme }: Credential, hash: string) =>
  gate.admit(subjectOf(identity), rate, inUse(identity, scheme, hash)).catch(away);

/** The session that a call came with, for the gate. */
export const inUse = ({ expiresAt }: Identity, scheme: Credential["scheme"], hash: string): InUse | undefined =>
  scheme === "session" ? { hash, endsAt: expiresAt ?? 0 } : undefined;
