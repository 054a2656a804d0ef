import { randomBytes } from "node:crypto";
import { newSessionText, type Session, sessionHash } from "@dais/kernel/sessions";
import { beforeAll, describe, expect, test } from "vitest";
import { aSession, idleMs, inMemory, inRedis, type Stores, someTokens } from "./support/stores.ts";

const someone = { tenantId: "t", actorId: "a" };

describe.each([
  ["Redis", inRedis],
  ["the memory of the process", inMemory],
] as const)("sessions in %s", (_, make) => {
  let stores: Stores;
  let now: Stores["now"];
  let one: Stores["one"]["sessions"];
  let two: Stores["two"]["sessions"];
  beforeAll(async () => {
    stores = await make();
    now = stores.now;
    one = stores.one.sessions;
    two = stores.two.sessions;
  });

  async function opened(over: Partial<Session> = {}) {
    const session = aSession(now(), over);
    const text = await one.open(session, null);
    return { session, text, hash: sessionHash(text), ref: { hash: sessionHash(text), endsAt: session.endsAt } };
  }
  const use = async (session: { hash: string; endsAt: number }, at = stores.two) =>
    (await at.gate.admit(someone, "read", session)).alive;
  const ids = async (of: { tenantId: string; personId: string }) => (await two.list(of)).map(({ id }) => id);

  describe("open and read", () => {
    test("what was opened is read as it was, by another process as well", async () => {
      const session = aSession(now(), { provenAt: now() - 5 });
      const tokens = someTokens("v1.k.abc");
      const text = await one.open(session, tokens);
      expect(text).toMatch(/^[A-Za-z0-9_-]{43}$/);
      expect(await two.read(sessionHash(text))).toEqual({ session, tokens });
      const bare = aSession(now(), { issuerSid: null, userAgent: null });
      expect(await two.read(sessionHash(await one.open(bare, null)))).toEqual({ session: bare, tokens: null });
    });

    test("null for what nobody opened, and for the text itself", async () => {
      const { text } = await opened();
      for (const hash of [text, "", sessionHash("x"), "*", "../x", "a b"]) expect(await one.read(hash)).toBeNull();
    });

    test("what a caller does to what it got or gave changes nothing", async () => {
      const session = aSession(now());
      const hash = sessionHash(await one.open(session, someTokens("a")));
      const before = structuredClone(session);
      session.personId = "per_other";
      const read = await one.read(hash);
      if (read) read.session.endsAt = Number.MAX_SAFE_INTEGER;
      if (read?.tokens) read.tokens.sealed = "b";
      expect(await one.read(hash)).toEqual({ session: before, tokens: someTokens("a") });
    });
  });

  describe("time", () => {
    test("a session that nobody uses for the idle time is gone; reading and listing it is no use", async () => {
      const { session, hash, ref } = await opened();
      await stores.pass(idleMs - 60_000);
      expect(await one.read(hash)).not.toBeNull();
      expect(await ids(session)).toEqual([session.id]);
      await stores.pass(60_000);
      expect(await one.read(hash)).toBeNull();
      expect(await ids(session)).toEqual([]);
      expect(await use(ref)).toBe(false);
    });

    test("each use gives it the idle time anew, until its end, however busy it is", async () => {
      const { session, hash, ref } = await opened({ endsAt: now() + 3 * idleMs });
      for (let minutes = 0; minutes < 80; minutes += 20) {
        expect(await use(ref)).toBe(true);
        await stores.pass(20 * 60_000);
      }
      expect(await use(ref)).toBe(true);
      await stores.pass(10 * 60_000);
      expect(await use(ref)).toBe(false);
      expect(await one.read(hash)).toBeNull();
      expect(await ids(session)).toEqual([]);
      expect(await one.rotate(hash, aSession(now()), null)).toBeNull();
      expect(await one.claimRenewal(hash, 1000)).toBeNull();
      expect(await one.renewed(hash, 1, someTokens("late"))).toBe(false);
    });

    test("past its end nothing is left to end", async () => {
      const short = { endsAt: now() + 60_000 };
      const [single, all, named] = [await opened(short), await opened(short), await opened(short)];
      await stores.pass(60_001);
      expect(await one.end(single.session)).toBe(false);
      expect(await one.endAll(all.session)).toBe(0);
      expect(await one.endNamed({ sid: named.session.issuerSid as string })).toEqual([]);
    });

    test("a use never brings back what is gone, nor makes what never was", async () => {
      const { session, hash, ref } = await opened();
      await one.end(session);
      const never = { hash: sessionHash("never"), endsAt: now() + idleMs };
      for (const gone of [ref, never]) {
        expect(await use(gone)).toBe(false);
        expect(await one.read(gone.hash)).toBeNull();
      }
      expect(await one.renewed(hash, 1, someTokens("x"))).toBe(false);
      expect(await one.claimRenewal(hash, 1000)).toBeNull();
      await one.releaseRenewal(hash, 1);
      expect(await one.read(hash)).toBeNull();
      expect(await use(ref)).toBe(false);
    });

    test("uses by many at the moment of its end leave nothing of it", async () => {
      for (let round = 0; round < 20; round += 1) {
        const { session, hash, ref } = await opened();
        const uses = Array.from({ length: 10 }, (_, n) => use(ref, n % 2 ? stores.one : stores.two));
        const [ended] = await Promise.all([one.end(session), ...uses]);
        expect(ended).toBe(true);
        expect(await two.read(hash)).toBeNull();
      }
    });

    test("alive where no session was asked for", async () => {
      expect(await stores.one.gate.admit(someone, "read")).toMatchObject({ alive: true, limit: { allowed: true } });
    });
  });

  describe("rotate", () => {
    test("another text opens another session, and the old one opens nothing", async () => {
      const { session, text, hash, ref } = await opened();
      const proven = { ...session, provenAt: now() };
      const fresh = (await two.rotate(hash, proven, someTokens("new"))) as string;
      expect(fresh).toMatch(/^[A-Za-z0-9_-]{43}$/);
      expect(fresh).not.toBe(text);
      expect(await one.read(hash)).toBeNull();
      expect(await use(ref)).toBe(false);
      expect(await one.read(sessionHash(fresh))).toEqual({ session: proven, tokens: someTokens("new") });
      expect(await two.list(session)).toMatchObject([{ id: session.id, provenAt: now() }]);
    });

    test("to somebody else: the old person has none left, the new one has it", async () => {
      const before = await opened();
      const after = aSession(now());
      expect(await one.rotate(before.hash, after, null)).not.toBeNull();
      expect(await ids(before.session)).toEqual([]);
      expect(await ids(after)).toEqual([after.id]);
    });

    test("null for one that is over: nothing is opened in its place", async () => {
      const { session, hash } = await opened();
      await one.end(session);
      expect(await one.rotate(hash, session, null)).toBeNull();
      expect(await one.rotate(sessionHash("never"), session, null)).toBeNull();
      expect(await ids(session)).toEqual([]);
    });

    test("of many at once, from two processes, one gets it", async () => {
      const { session, hash } = await opened();
      const tries = Array.from({ length: 20 }, (_, n) => (n % 2 ? one : two).rotate(hash, session, null));
      const texts = (await Promise.all(tries)).filter((text) => text !== null);
      expect(texts).toHaveLength(1);
      expect(await one.read(sessionHash(texts[0] as string))).not.toBeNull();
      expect(await ids(session)).toHaveLength(1);
    });
  });

  describe("list", () => {
    test("newest first, with when each was last used; nobody else's", async () => {
      const me = aSession(now());
      const { personId, tenantId } = me;
      const old = await opened({ personId, tenantId, openedAt: now() - 5000 });
      const middle = await opened({ personId, tenantId, openedAt: now() - 3000 });
      const fresh = await opened({ personId, tenantId, openedAt: now() - 1000 });
      await opened({ personId });
      await opened({ tenantId });
      await stores.pass(10 * 60_000);
      await use(middle.ref);
      await stores.pass(5 * 60_000);
      const listed = await two.list(me);
      expect(listed.map(({ lastSeenAt: _, ...session }) => session)).toEqual([
        fresh.session,
        middle.session,
        old.session,
      ]);
      // Redis' own clock goes on while the test's stands still: seconds, where the uses are minutes apart.
      const minutesAgo = listed.map(({ lastSeenAt }) => Math.round((now() - lastSeenAt) / 60_000));
      expect(minutesAgo).toEqual([15, 5, 15]);
      for (const { lastSeenAt } of listed) expect(lastSeenAt).toBeLessThanOrEqual(now());
    });

    test("1 000 of one person: the 100 newest, and all of them end", async () => {
      const me = aSession(now());
      const texts = await Promise.all(
        Array.from({ length: 1000 }, (_, n) => {
          // Opened and ending in different orders, so that the one isn't taken for the other.
          const order = (n * 7) % 1000;
          return (n % 2 ? one : two).open(
            { ...me, id: `ses_${order}`, openedAt: now() + order, endsAt: now() + 3_600_000 - order },
            null,
          );
        }),
      );
      expect(new Set(texts).size).toBe(1000);
      expect(await ids(me)).toEqual(Array.from({ length: 100 }, (_, n) => `ses_${999 - n}`));
      expect(await one.end({ ...me, id: "ses_3" })).toBe(true);
      expect(await one.endAll({ ...me, except: "ses_500" })).toBe(998);
      expect(await ids(me)).toEqual(["ses_500"]);
      const left = await Promise.all(texts.map((text) => two.read(sessionHash(text))));
      expect(left.filter((found) => found !== null)).toHaveLength(1);
    });
  });

  describe("ending", () => {
    test("end: one of this person's, once; false for another person's and another tenant's", async () => {
      const { session, hash, ref } = await opened();
      const other = await opened();
      expect(await one.end({ ...other.session, id: session.id })).toBe(false);
      expect(await one.end({ ...session, tenantId: other.session.tenantId })).toBe(false);
      expect(await one.end({ ...session, id: "" })).toBe(false);
      expect(await use(ref)).toBe(true);
      expect(await two.end(session)).toBe(true);
      expect(await one.read(hash)).toBeNull();
      expect(await use(ref)).toBe(false);
      expect(await one.end(session)).toBe(false);
    });

    test("endAll: all of a person's but the excepted one", async () => {
      const mine = await opened();
      const { personId, tenantId } = mine.session;
      const others = [await opened({ personId, tenantId }), await opened({ personId, tenantId })];
      const neighbour = await opened({ tenantId });
      expect(await two.endAll({ personId, tenantId, except: mine.session.id })).toBe(2);
      expect(await ids(mine.session)).toEqual([mine.session.id]);
      for (const { hash } of others) expect(await one.read(hash)).toBeNull();
      expect(await two.endAll({ personId, tenantId })).toBe(1);
      expect(await two.endAll({ personId, tenantId })).toBe(0);
      expect(await use(neighbour.ref)).toBe(true);
    });

    test("endAll while sessions are opened and rotated: each is either ended or listed", async () => {
      for (let round = 0; round < 10; round += 1) {
        const first = await opened();
        const { personId, tenantId } = first.session;
        const [text, ended, ...texts] = await Promise.all([
          two.rotate(first.hash, first.session, null),
          one.endAll({ personId, tenantId }),
          ...Array.from({ length: 8 }, (_, n) =>
            (n % 2 ? one : two).open(aSession(now(), { personId, tenantId }), null),
          ),
        ]);
        const all = text === null ? texts : [text, ...texts];
        const alive = await Promise.all(all.map((each) => one.read(sessionHash(each))));
        const left = alive.filter((found) => found !== null).length;
        expect(await ids(first.session)).toHaveLength(left);
        expect(ended + left).toBe(9);
      }
    });

    test("endNamed: by an issuer's sid, by its subject, and what they were", async () => {
      const sid = `sid-${now()}`;
      const here = await opened({ issuerSid: sid });
      const twin = await opened({ issuerSid: sid, subject: here.session.subject });
      const elsewhere = await opened({ issuerSid: sid, issuer: "https://other.example.org" });
      const { issuer, subject } = here.session;
      expect(await one.endNamed({ issuer, sid: "another" })).toEqual([]);
      expect(await one.endNamed({ issuer: "https://nobody.example.org", sid })).toEqual([]);
      expect(await one.endNamed({ issuer, sid, subject: "somebody else" })).toEqual([]);
      const ended = await two.endNamed({ issuer, sid });
      expect(ended.map(({ id }) => id).sort()).toEqual([here.session.id, twin.session.id].sort());
      expect(ended).toContainEqual(here.session);
      expect(await use(elsewhere.ref)).toBe(true);
      expect(await one.endNamed({ sid })).toEqual([elsewhere.session]);
      for (const { hash } of [here, twin, elsewhere]) expect(await one.read(hash)).toBeNull();
      expect(await one.endNamed({ issuer, subject })).toEqual([]);
    });

    test("endNamed: a subject means somebody at its own issuer only, in each of its tenants", async () => {
      const mine = await opened();
      const { issuer, subject } = mine.session;
      const away = await opened({ subject, issuerSid: null });
      const other = await opened({ subject, issuer: "https://other.example.org" });
      const ended = await one.endNamed({ issuer, subject });
      expect(ended.map(({ id }) => id).sort()).toEqual([mine.session.id, away.session.id].sort());
      expect(await use(other.ref)).toBe(true);
    });

    test("endNamed: no sid is nobody's sid", async () => {
      const { ref } = await opened({ issuerSid: null });
      for (const sid of ["", "null", "undefined", "*"]) expect(await one.endNamed({ sid })).toEqual([]);
      expect(await use(ref)).toBe(true);
    });
  });

  describe("renewing tokens", () => {
    test("of many at once, from two processes, one has the right; the next when it is given back", async () => {
      const { hash } = await opened();
      const claims = Array.from({ length: 20 }, (_, n) => (n % 2 ? one : two).claimRenewal(hash, 600_000));
      const [fence, ...more] = (await Promise.all(claims)).filter((claim) => claim !== null) as number[];
      expect(more).toEqual([]);
      expect(await two.renewed(hash, fence as number, someTokens("fresh"))).toBe(true);
      expect((await one.read(hash))?.tokens).toEqual(someTokens("fresh"));
      expect(await two.claimRenewal(hash, 600_000)).toBeNull();
      await one.releaseRenewal(hash, fence as number);
      expect(await two.claimRenewal(hash, 600_000)).toBeGreaterThan(fence as number);
    });

    test("who slept past the time neither overwrites a later holder's tokens nor takes the right from it", async () => {
      const { hash } = await opened();
      const slow = (await one.claimRenewal(hash, 300_000)) as number;
      await stores.pass(300_001);
      const quick = (await two.claimRenewal(hash, 300_000)) as number;
      expect(quick).toBeGreaterThan(slow);
      await one.releaseRenewal(hash, slow);
      expect(await one.claimRenewal(hash, 300_000)).toBeNull();
      expect(await two.renewed(hash, quick, someTokens("quick"))).toBe(true);
      expect(await one.renewed(hash, slow, someTokens("slow"))).toBe(false);
      expect((await one.read(hash))?.tokens).toEqual(someTokens("quick"));
    });

    test("who slept, but was followed by nobody, still keeps what it got", async () => {
      const { hash } = await opened();
      const slow = (await one.claimRenewal(hash, 300_000)) as number;
      await stores.pass(300_001);
      expect(await one.renewed(hash, slow, someTokens("late"))).toBe(true);
      expect((await two.read(hash))?.tokens).toEqual(someTokens("late"));
    });

    test("renewing is no use of the session, and of no use to a rotated one", async () => {
      const { session, hash } = await opened();
      const fence = (await one.claimRenewal(hash, 300_000)) as number;
      const text = (await one.rotate(hash, session, someTokens("own"))) as string;
      expect(await one.renewed(hash, fence, someTokens("old"))).toBe(false);
      expect((await one.read(sessionHash(text)))?.tokens).toEqual(someTokens("own"));
      await stores.pass(idleMs - 60_000);
      const next = (await one.claimRenewal(sessionHash(text), 300_000)) as number;
      expect(await one.renewed(sessionHash(text), next, someTokens("next"))).toBe(true);
      await stores.pass(60_001);
      expect(await one.read(sessionHash(text))).toBeNull();
    });
  });

  describe("single use", () => {
    const name = () => `state:${randomBytes(8).toString("hex")}`;

    test("a kept value is taken once, whoever asks", async () => {
      const state = name();
      await one.keep(state, '{"nonce":"x"}', 600);
      const taken = await Promise.all(Array.from({ length: 20 }, (_, n) => (n % 2 ? one : two).take(state)));
      expect(taken.filter((value) => value !== null)).toEqual(['{"nonce":"x"}']);
      expect(await one.take(state)).toBeNull();
    });

    test("null past its time, and for what nobody kept", async () => {
      const state = name();
      await one.keep(state, "", 600);
      await one.keep(`${state}2`, "x", 600);
      expect(await two.take(state)).toBe("");
      await stores.pass(600_001);
      expect(await two.take(`${state}2`)).toBeNull();
      for (const other of ["", "*", "x".repeat(100_000), "\ud800\n"]) expect(await one.take(other)).toBeNull();
    });

    test("the first time is one, within its time; a kept value has no part in it", async () => {
      const jti = name();
      await one.keep(jti, "x", 600);
      const first = await Promise.all(Array.from({ length: 20 }, (_, n) => (n % 2 ? one : two).first(jti, 600)));
      expect(first.filter(Boolean)).toHaveLength(1);
      expect(await one.first(jti, 600)).toBe(false);
      await stores.pass(600_001);
      expect(await two.first(jti, 600)).toBe(true);
    });
  });
});

describe("a session's text", () => {
  test("is 256 random bits, all of them", () => {
    expect(newSessionText((bytes) => new Uint8Array(bytes).fill(255))).toBe(`${"_".repeat(42)}8`);
    expect(Buffer.from(newSessionText(randomBytes), "base64url")).toHaveLength(32);
    expect(sessionHash("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  });
});
