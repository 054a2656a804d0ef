import { connectRedis, script } from "@dais/kernel/redis";
import { sessionHash } from "@dais/kernel/sessions";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { proxy, type Wire } from "./support/proxy.ts";
import { aSession, idleMs, inRedis, someTokens } from "./support/stores.ts";

const someone = { tenantId: "t", actorId: "a" };
const store = new URL(inject("redis"));
const through = () => Object.assign(new URL(store), { hostname: wire.host, port: String(wire.port) }).href;
let wire: Wire;
let here: Awaited<ReturnType<typeof inRedis>>;
beforeAll(async () => {
  wire = await proxy({ host: store.hostname, port: Number(store.port || 6379) });
  here = await inRedis(through());
});
afterAll(() => wire.close());

async function opened(over = {}) {
  const session = aSession(here.now(), over);
  const text = await here.one.sessions.open(session, someTokens("sealed"));
  return { session, text, hash: sessionHash(text), ref: { hash: sessionHash(text), endsAt: session.endsAt } };
}
const keys = (kind: string) => here.redis.keys(`${here.prefix}:${kind}`);

describe("sessions on the wire", () => {
  async function exchanges(ask: () => Promise<unknown>): Promise<number> {
    for (let warm = 0; warm < 3; warm += 1) await ask();
    wire.reset();
    await ask();
    return wire.exchanges();
  }

  test("a warm admission with a session is one exchange, as is each thing that is asked of a session", async () => {
    const { session, hash, ref } = await opened();
    const { gate, sessions } = here.one;
    expect(await exchanges(() => gate.admit(someone, "read", ref))).toBe(1);
    expect(await exchanges(() => gate.admit(someone, "read"))).toBe(1);
    expect(await exchanges(() => sessions.read(hash))).toBe(1);
    expect(await exchanges(() => sessions.open(aSession(here.now()), null))).toBe(1);
    expect(await exchanges(() => sessions.list(session))).toBe(1);
    expect(await exchanges(() => sessions.endAll({ ...session, except: session.id }))).toBe(1);
    expect(await exchanges(() => sessions.claimRenewal(hash, 1000))).toBe(1);
    expect(await exchanges(() => sessions.renewed(hash, 1, someTokens("x")))).toBe(1);
    expect(await gate.admit(someone, "read", ref)).toMatchObject({ alive: true });
  });

  test("a script that Redis doesn't know is sent once, and called by its digest from then on", async () => {
    const redis = await connectRedis(through());
    const run = script(redis, `return { KEYS[1], ARGV[1] } -- ${crypto.randomUUID()}`);
    const counts: number[] = [];
    for (let n = 0; n < 3; n += 1) {
      wire.reset();
      expect(await run(["key"], [n])).toEqual(["key", String(n)]);
      counts.push(wire.exchanges());
    }
    expect(counts).toEqual([2, 1, 1]);
    await expect(script(redis, "return redis.call('NONE')")([], [])).rejects.toThrow();
    redis.disconnect();
  });

  test("the admission is three commands, sent together: the epochs, the use, the limit", async () => {
    const { ref } = await opened();
    const sent: string[] = [];
    wire.cutAfter((bytes) => {
      sent.push(bytes.toString());
      return false;
    });
    await here.one.gate.admit(someone, "read", ref);
    wire.cutAfter(() => false);
    expect(sent).toHaveLength(1);
    expect(sent[0]?.match(/^\*\d+\r\n\$\d+\r\n\w+/gm)?.map((command) => command.split("\n").at(-1))).toEqual([
      "mget",
      "pexpire",
      "evalsha",
    ]);
  });
});

describe("what Redis holds of sessions", () => {
  test("neither a text, nor a name from outside, nor anything for ever", async () => {
    const { session, text } = await opened({ issuerSid: "evil\r\nsid *", subject: "x".repeat(5000) });
    await here.one.sessions.keep("state-of-a-sign-in", "value", 600);
    await here.one.sessions.first("jti-of-a-token", 600);
    await here.one.sessions.claimRenewal(sessionHash(text), 1000);
    const all = [...(await keys("session*")), ...(await keys("kept:*")), ...(await keys("first:*"))];
    expect(all.length).toBeGreaterThan(5);
    for (const key of all) {
      expect(await here.redis.pttl(key)).toBeGreaterThan(0);
      for (const secret of [text, "state-of", "jti-of", "evil", "xxxxx"]) expect(key).not.toContain(secret);
    }
    expect(JSON.stringify(await here.redis.hgetall(`${here.prefix}:session:${sessionHash(text)}`))).not.toContain(text);
    expect(await here.one.sessions.endNamed({ sid: "evil\r\nsid *" })).toEqual([session]);
  });

  test("what knows the sessions of a person forgets those that are over, and ends with the last of them", async () => {
    const me = aSession(here.now());
    const { personId, tenantId, subject, issuerSid } = me;
    const index = `${here.prefix}:sessions:person:${tenantId}:${personId}`;
    const short = { personId, tenantId, subject, issuerSid, endsAt: here.now() + 60_000 };
    for (let n = 0; n < 20; n += 1) await opened(short);
    expect(await here.redis.zcard(index)).toBe(20);
    await here.pass(60_001);
    await opened({ ...short, endsAt: here.now() + 2 * idleMs });
    expect(await here.redis.zcard(index)).toBe(1); // opening forgets what is past its end
    await here.pass(idleMs);
    expect(await here.redis.zcard(index)).toBe(1);
    expect(await here.one.sessions.list(me)).toEqual([]);
    expect(await here.redis.exists(index)).toBe(0); // listing forgets what was idle for too long
    const last = await opened({ ...short, endsAt: here.now() + 2 * idleMs });
    await opened({ ...short, endsAt: here.now() + 1000 });
    await here.one.gate.admit(someone, "read", last.ref);
    await here.pass(idleMs - 1000);
    await here.one.gate.admit(someone, "read", last.ref);
    await here.pass(idleMs - 1000);
    expect(await here.one.sessions.list(me)).toMatchObject([{ id: last.session.id }]);
    expect(await here.redis.exists(index)).toBe(1);
    await here.pass(2 * idleMs);
    expect(await here.redis.exists(index)).toBe(0);
  });

  test("time passes by itself: what Redis is told to keep for a second, it doesn't keep for ever", async () => {
    await here.one.sessions.keep("briefly", "x", 1);
    expect(await here.one.sessions.first("briefly", 1)).toBe(true);
    await expect.poll(() => here.one.sessions.first("briefly", 1), { timeout: 40_000, interval: 100 }).toBe(true);
    expect(await here.one.sessions.take("briefly")).toBeNull();
  });
});

describe("a Redis that lost its data", () => {
  test("its sessions are gone, and nothing that a process does brings one back", async () => {
    const { session, hash, ref } = await opened();
    const fence = (await here.one.sessions.claimRenewal(hash, 1000)) as number;
    for (const key of await keys("*")) await here.redis.del(key);
    expect(await here.one.gate.admit(someone, "read", ref)).toMatchObject({ alive: false });
    expect(await here.one.sessions.read(hash)).toBeNull();
    expect(await here.one.sessions.renewed(hash, fence, someTokens("x"))).toBe(false);
    expect(await here.one.sessions.rotate(hash, session, null)).toBeNull();
    await here.one.sessions.releaseRenewal(hash, fence);
    expect(await here.one.gate.admit(someone, "read", ref)).toMatchObject({ alive: false });
    expect(await here.one.sessions.list(session)).toEqual([]);
    expect(await keys("session*")).toEqual([]);
  });
});

describe("a Redis that is away", () => {
  test("everything rejects, and goes on by itself when it is back", async () => {
    const { session, hash, ref } = await opened();
    const { gate, sessions } = here.one;
    const tokens = someTokens("x");
    wire.cut();
    const asked: Record<string, () => Promise<unknown>> = {
      admit: () => gate.admit(someone, "read", ref),
      open: () => sessions.open(session, null),
      read: () => sessions.read(hash),
      rotate: () => sessions.rotate(hash, session, null),
      list: () => sessions.list(session),
      end: () => sessions.end(session),
      endAll: () => sessions.endAll(session),
      endNamed: () => sessions.endNamed({ sid: "x" }),
      claimRenewal: () => sessions.claimRenewal(hash, 1000),
      renewed: () => sessions.renewed(hash, 1, tokens),
      releaseRenewal: () => sessions.releaseRenewal(hash, 1),
      keep: () => sessions.keep("x", "x", 1),
      take: () => sessions.take("x"),
      first: () => sessions.first("x", 1),
    };
    expect(Object.keys(asked).sort()).toEqual(["admit", ...Object.keys(sessions)].sort());
    for (const [name, ask] of Object.entries(asked)) await expect(ask(), name).rejects.toThrow();
    wire.mend();
    await expect.poll(() => sessions.read(hash).catch(() => "away"), { timeout: 40_000 }).toMatchObject({ session });
    expect(await gate.admit(someone, "read", ref)).toMatchObject({ alive: true });
  });
});
