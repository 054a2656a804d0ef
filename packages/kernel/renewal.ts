import type { Identity } from "./authenticate.ts";
import { Problem } from "./problem.ts";

/** What came of renewing a session's tokens: their new times, the end of the session, or nothing, as the issuer can't be reached. */
export type Renewal = { renewAt: number; expiresAt: number } | "ended" | "away";
export type Renew = (hash: string) => Promise<Renewal>;

/** Who asks in vain waits so long before asking again: ahead of the end, and behind it, where somebody is kept out. */
const patienceMs = 15_000;
const shortMs = 5_000;

/**
 * Keeps the issuer's word for a session fresh: ahead of the end in the background, behind it before anybody is served.
 * One renewal per session at a time in this process; among processes `renew` sees to it.
 * @returns a function that says whether the caller had to wait, so that what is known of them may be of before. It throws unauthenticated
 * where the session has ended, unavailable where nobody can say
 */
export function renewals(renew: Renew | undefined, now: () => Date) {
  const running = new Map<string, Promise<Renewal>>();

  function renewed(hash: string, of: Times): Promise<Renewal> {
    const known = running.get(hash);
    if (known) return known;
    const work = (renew as Renew)(hash)
      .catch((): Renewal => "away")
      .then((result) => {
        learn(of, result);
        return result;
      })
      .finally(() => running.delete(hash));
    running.set(hash, work);
    return work;
  }

  /** What an attempt brought, in what is remembered of the session. */
  function learn(of: Times, result: Renewal): void {
    const time = now().getTime();
    const end = of.expiresAt ?? 0;
    if (result === "away") of.renewAt = time < end ? Math.min(time + patienceMs, end) : time + shortMs;
    else if (result !== "ended") Object.assign(of, { renewAt: result.renewAt, expiresAt: result.expiresAt });
  }

  return async (hash: string, { session }: Identity, forget: () => void): Promise<boolean> => {
    if (!renew || !session || session.renewAt === null || session.expiresAt === null) return false;
    const time = now().getTime();
    if (time < session.expiresAt) {
      if (time >= session.renewAt) void renewed(hash, session).then((result) => result === "ended" && forget());
      return false;
    }
    if (time < session.renewAt) throw away(session.renewAt - time);
    const result = await renewed(hash, session);
    if (result === "away") throw away(shortMs);
    forget();
    if (result === "ended") throw new Problem("unauthenticated");
    return true;
  };
}

type Times = NonNullable<Identity["session"]>;

const away = (ms: number) => new Problem("unavailable", { retryAfterSeconds: Math.ceil(ms / 1000) });
