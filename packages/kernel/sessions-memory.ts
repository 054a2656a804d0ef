import type { InUse } from "./gate.ts";
import { newSessionText, type Session, type Sessions, sessionHash, type Tokens } from "./sessions.ts";
import type { StoreOptions } from "./store.ts";

type Kept = {
  session: Session;
  tokens: Tokens | null;
  usedAt: number;
  claims: number;
  heldUntil: number;
  renewedBy: number;
};

type Present = { use(session: InUse): boolean; there(session: InUse): boolean };

/** Sessions of a single process without Redis. `use` and `there`: whether a session is; the former counts as use of it. */
export function memorySessions(options: StoreOptions): Sessions & Present {
  const { idleMs, random } = options;
  const now = () => options.now().getTime();
  const sessions = swept<Kept>(({ session, usedAt }) => session.endsAt > now() && usedAt + idleMs > now());
  const kept = swept<{ value: string; until: number }>(({ until }) => until > now());
  const said = swept<{ until: number }>(({ until }) => until > now());

  function put(session: Session, tokens: Tokens | null): string {
    const text = newSessionText(random);
    const fresh = { usedAt: now(), claims: 0, heldUntil: 0, renewedBy: 0 };
    sessions.set(sessionHash(text), { ...structuredClone({ session, tokens }), ...fresh });
    return text;
  }

  function end(meant: (session: Session) => boolean): Session[] {
    const ended = sessions.all().filter(([, one]) => meant(one.session));
    for (const [hash] of ended) sessions.take(hash);
    return ended.map(([, { session }]) => session);
  }

  return {
    use({ hash, endsAt }) {
      const found = endsAt > now() ? sessions.get(hash) : undefined;
      if (found) found.usedAt = now();
      return found !== undefined;
    },
    there: ({ hash, endsAt }) => endsAt > now() && sessions.get(hash) !== undefined,
    open: async (session, tokens) => put(session, tokens),
    async read(hash) {
      const found = sessions.get(hash);
      return found ? structuredClone({ session: found.session, tokens: found.tokens }) : null;
    },
    rotate: async (hash, session, tokens) => (sessions.take(hash) ? put(session, tokens) : null),
    list: async (of) =>
      sessions
        .all()
        .filter(([, { session }]) => ofPerson(session, of))
        .map(([, { session, usedAt }]) => ({ ...session, lastSeenAt: usedAt }))
        .sort((one, other) => other.openedAt - one.openedAt)
        .slice(0, 100),
    end: async (of) => end((session) => ofPerson(session, of) && session.id === of.id).length > 0,
    endAll: async ({ except, ...of }) => end((session) => ofPerson(session, of) && session.id !== except).length,
    endNamed: async ({ issuer, sid, subject }) =>
      end(
        (session) =>
          (sid === undefined || session.issuerSid === sid) &&
          (issuer === undefined || session.issuer === issuer) &&
          (subject === undefined || session.subject === subject),
      ),
    async claimRenewal(hash, ms) {
      const found = sessions.get(hash);
      if (!found || found.heldUntil > now()) return null;
      found.heldUntil = now() + ms;
      return ++found.claims;
    },
    async renewed(hash, fence, tokens) {
      const found = sessions.get(hash);
      if (!found || found.renewedBy > fence) return false;
      Object.assign(found, { renewedBy: fence, tokens: { ...tokens } });
      return true;
    },
    async releaseRenewal(hash, fence) {
      const found = sessions.get(hash);
      if (found?.claims === fence) found.heldUntil = 0;
    },
    keep: async (name, value, seconds) => void kept.set(name, { value, until: now() + seconds * 1000 }),
    take: async (name) => kept.take(name)?.value ?? null,
    async first(name, seconds) {
      if (said.get(name)) return false;
      said.set(name, { until: now() + seconds * 1000 });
      return true;
    },
  };
}

const ofPerson = (session: Session, of: { tenantId: string; personId: string }) =>
  session.tenantId === of.tenantId && session.personId === of.personId;

/** A map whose entries count only while they are alive. The dead are swept out whenever it has doubled. */
function swept<Value>(alive: (value: Value) => boolean) {
  const map = new Map<string, Value>();
  let room = 1000;
  const get = (key: string): Value | undefined => {
    const value = map.get(key);
    return value !== undefined && alive(value) ? value : undefined;
  };
  return {
    get,
    set(key: string, value: Value): void {
      map.set(key, value);
      if (map.size < room) return;
      for (const [each, one] of map) if (!alive(one)) map.delete(each);
      room = 1000 + map.size * 2;
    },
    /** Takes it out. */
    take(key: string): Value | undefined {
      const value = get(key);
      map.delete(key);
      return value;
    },
    all: () => [...map].filter(([, value]) => alive(value)),
  };
}
