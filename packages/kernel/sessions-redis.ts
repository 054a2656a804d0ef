import type { ChainableCommander, Redis } from "ioredis";
import { digest, sha256 } from "./canonical.ts";
import type { InUse } from "./gate.ts";
import { script } from "./redis.ts";
import { newSessionText, type Session, type Sessions, sessionHash, type Tokens } from "./sessions.ts";
import { claimScript, endScript, listScript, openScript, renewedScript, returnScript } from "./sessions-scripts.ts";
import type { StoreOptions } from "./store.ts";

type Where = Pick<StoreOptions, "prefix" | "idleMs" | "now">;

const prefixOf = ({ prefix = "dais" }: Where) => prefix;
const sessionKey = (options: Where, hash: string) => `${prefixOf(options)}:session:${hash}`;

/**
 * Sessions in Redis. Each is a hash whose time to live is the idle time; its absolute end is kept by whoever reads. Sorted sets know
 * the sessions of a person, of an issuer's `sid` and of a subject, by their ends; they expire with the last of them. What takes several
 * steps is one script. What comes from outside is part of a key only as its digest.
 */
export function redisSessions(redis: Redis, options: StoreOptions): Sessions {
  const { idleMs, random } = options;
  const now = () => options.now().getTime();
  const prefix = prefixOf(options);
  const key = (hash: string) => sessionKey(options, hash);
  const renewalKey = (hash: string) => `${prefix}:renewal:${hash}`;
  const onceKey = (kind: "kept" | "first", name: string) => `${prefix}:${kind}:${sha256(name)}`;
  const personKey = (of: { tenantId: string; personId: string }) =>
    `${prefix}:sessions:person:${of.tenantId}:${of.personId}`;
  const sidKey = (sid: string) => `${prefix}:sessions:sid:${sha256(sid)}`;
  const subjectKey = (issuer: string, subject: string) => `${prefix}:sessions:subject:${digest([issuer, subject])}`;
  const run = {
    open: script(redis, openScript),
    end: script(redis, endScript),
    list: script(redis, listScript),
    claim: script(redis, claimScript),
    renewed: script(redis, renewedScript),
    giveBack: script(redis, returnScript),
  };

  /** Null where the session to replace is over. */
  async function put(session: Session, tokens: Tokens | null, replaced: string): Promise<string | null> {
    const text = newSessionText(random);
    const { id, issuer, subject, openedAt, endsAt, issuerSid } = session;
    const fields = { session: JSON.stringify(session), id, issuer, subject, openedAt, endsAt };
    const all = tokens ? { ...fields, tokens: JSON.stringify(tokens) } : fields;
    const indexes = [
      personKey(session),
      subjectKey(issuer, subject),
      ...(issuerSid === null ? [] : [sidKey(issuerSid)]),
    ];
    const args = [now(), idleMs, endsAt, replaced, ...Object.entries(all).flat()];
    return (await run.open([key(sessionHash(text)), ...indexes], args)) === 1 ? text : null;
  }

  async function end(index: string, ...conditions: string[]): Promise<Session[]> {
    const ended = (await run.end([index], [now(), ...conditions])) as string[];
    return ended.map((session) => JSON.parse(session));
  }

  return {
    open: async (session, tokens) => (await put(session, tokens, "")) as string,
    async read(hash) {
      const [kept, tokens] = await redis.hmget(key(hash), "session", "tokens");
      const session: Session | null = kept ? JSON.parse(kept) : null;
      return session && session.endsAt > now() ? { session, tokens: tokens ? JSON.parse(tokens) : null } : null;
    },
    rotate: (hash, session, tokens) => put(session, tokens, key(hash)),
    async list(of) {
      const time = now();
      const found = (await run.list([personKey(of)], [time, 100])) as [string, number][];
      return found.map(([text, left]) => {
        const session: Session = JSON.parse(text);
        // Never before it was opened, nor in the future, also where the idle time was set anew meanwhile.
        return { ...session, lastSeenAt: Math.max(session.openedAt, Math.min(time, time - idleMs + left)) };
      });
    },
    end: async (of) => (await end(personKey(of), "id", "is", of.id)).length > 0,
    endAll: async ({ except, ...of }) =>
      (await end(personKey(of), ...(except === undefined ? [] : ["id", "not", except]))).length,
    endNamed({ issuer, sid, subject }) {
      const issued = issuer === undefined ? [] : ["issuer", "is", issuer];
      const meant = subject === undefined ? [] : ["subject", "is", subject];
      return end(sid === undefined ? subjectKey(issuer, subject) : sidKey(sid), ...issued, ...meant);
    },
    claimRenewal: async (hash, ms) => (await run.claim([key(hash), renewalKey(hash)], [now(), ms])) as number | null,
    renewed: async (hash, fence, tokens) =>
      (await run.renewed([key(hash)], [now(), fence, JSON.stringify(tokens)])) === 1,
    releaseRenewal: async (hash, fence) => void (await run.giveBack([renewalKey(hash)], [fence])),
    keep: async (name, value, seconds) => void (await redis.set(onceKey("kept", name), value, "EX", seconds)),
    take: (name) => redis.getdel(onceKey("kept", name)),
    first: async (name, seconds) => (await redis.set(onceKey("first", name), "1", "EX", seconds, "NX")) === "OK",
  };
}

/** Asks within a pipeline whether a session is there, as `useWithin` does, and is no use of it. */
export function thereWithin(pipeline: ChainableCommander, session: InUse, options: Where): () => boolean {
  if (session.endsAt <= options.now().getTime()) return () => false;
  let found: number | undefined;
  pipeline.exists(sessionKey(options, session.hash), (error, value) => {
    if (!error) found = value;
  });
  return () => {
    if (found === undefined) throw new Error("Redis didn't say whether the session is there.");
    return found === 1;
  };
}

/**
 * Adds one use of a session to a pipeline. The function that it answers with says, once the pipeline is through, whether the session was
 * there. A use moves the time to live of what exists, and makes nothing; past the absolute end it moves nothing either.
 * @throws Error where Redis didn't say
 */
export function useWithin(pipeline: ChainableCommander, session: InUse, options: Where): () => boolean {
  if (session.endsAt <= options.now().getTime()) return () => false;
  let moved: number | undefined;
  pipeline.pexpire(sessionKey(options, session.hash), options.idleMs, (error, value) => {
    if (!error) moved = value;
  });
  return () => {
    if (moved === undefined) throw new Error("Redis didn't say whether the session is there.");
    return moved === 1;
  };
}
