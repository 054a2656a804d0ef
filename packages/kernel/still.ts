import type { Operation } from "@dais/contracts/kit/derive";
import { type Admission, type Identity, inUse, subjectOf } from "./authenticate.ts";
import type { Call, KernelOptions } from "./call.ts";
import { hashOf } from "./credential.ts";
import { holderOf } from "./holder.ts";
import { actingBy, inForce } from "./lent.ts";
import { refusalOf } from "./permit.ts";
import { Problem } from "./problem.ts";
import { lowest } from "./standing.ts";
import { within } from "./streams/watch.ts";

/** For so long what was said of a caller holds for its call without another look. */
const holdsForMs = 500;
/** Whoever asks has a connection already: waiting for a second one must end. */
const lookUpMs = 1000;

/** @throws Problem where a call may not do any more what it was let in for. @see stillGood */
export type StillGood = (operation: Operation, call: Call, admission: Admission, now: Date) => Promise<void>;

/**
 * Whether a call that has taken its time may still do what it was let in for. A short one may, whatever happens meanwhile, and pays
 * nothing for it. Of a longer one the gate is asked again, and where anything about the caller may be another by then, the database.
 * It throws unauthenticated, on_behalf_of_denied and what `refusalOf` says; unavailable where nobody can tell; busy where the caller may
 * this, but otherwise less than when it came: what the call does may depend on it, so the next try is judged anew.
 */
export function stillGood({ gate, sessions, tokens, sources, app }: KernelOptions): StillGood {
  const lookUp = holderOf({ pool: app, sessions, tokens, now: sources.now });

  async function same({ credential }: Call, { identity, epoch }: Admission): Promise<boolean> {
    const session = credential && inUse(identity, credential.scheme, hashOf(credential));
    const asked = { subject: subjectOf(identity), ...(session && { session }) };
    const [stand] = await gate.look([asked]).catch((): never => {
      throw new Problem("unavailable", { retryAfterSeconds: 2 });
    });
    if (!stand?.alive) throw new Problem("unauthenticated");
    return stand.settled && stand.epoch === epoch;
  }

  async function again({ credential, address }: Call): Promise<Identity> {
    const identity = credential && (await within(lookUpMs, lookUp(credential, hashOf(credential))).catch(later));
    if (!identity || identity.from?.(address) === false) throw new Problem("unauthenticated");
    return identity;
  }

  return async (operation, call, admission, now) => {
    if (performance.now() - admission.askedAt < holdsForMs || (await same(call, admission))) return;
    const identity = lentStill(await again(call), admission.identity, now);
    const refusal = identity.refusal ? new Problem(identity.refusal) : refusalOf(operation, identity.actor, now);
    if (refusal) throw refusal;
    if (mayLess(identity, admission.identity)) throw new Problem("busy", { retryAfterSeconds: 1 });
  };
}

/** Who acted by a delegation does so still, where it is in force. */
function lentStill(identity: Identity, { actor: { delegation } }: Identity, now: Date): Identity {
  const lent = delegation && inForce(identity.actor, now).find(({ id }) => id === delegation.id);
  return lent ? { ...identity, actor: actingBy(identity.actor, lent, identity.tenant) } : identity;
}

const mayLess = ({ actor, tenant }: Identity, { actor: before }: Identity): boolean =>
  actor.id !== before.id ||
  lowest(tenant.levels, [before.clearance, actor.clearance]) !== before.clearance ||
  [...before.permissions].some((one) => !actor.permissions.has(one));

const later = (error: unknown): never => {
  throw error instanceof Problem ? error : new Problem("busy", { retryAfterSeconds: 1 });
};
