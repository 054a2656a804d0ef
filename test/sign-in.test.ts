import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { newBrowser, walk } from "./support/browser.ts";
import { textOf } from "./support/html.ts";
import { admits, type Identity, signedIn, somebody, startIdentity } from "./support/identity.ts";
import { makeJar } from "./support/jar.ts";
import { asOwner } from "./support/owner.ts";
import { type Place, place } from "./support/place.ts";
import { proxy, type Wire } from "./support/proxy.ts";
import type { Reply } from "./support/rest.ts";
import {
  atCallback,
  html,
  inSession,
  json,
  session,
  sessionCookie,
  signInCookie,
  submit,
  visit,
} from "./support/visits.ts";

const named = (name: string, of: Parameters<typeof somebody>[0] = {}) =>
  somebody({ name, preferredUsername: `${name.split(" ")[0]?.toLowerCase()}@rimal.example`, ...of });
const finance = crypto.randomUUID();
const people = {
  layla: somebody(),
  twin: named("Layla Haddad", { email: "layla@rimal.example", roles: [] }),
  renamed: named("Yousef Haddad"),
  promoted: named("Omar Said", { roles: ["operational"], groups: [finance] }),
  shutOut: named("Noura Falasi"),
  invited: named("Hessa Mazrouei"),
  marked: named('Bobby <img src=x onerror="alert(1)">\r\nX-Evil: 1 & "sons"'),
  ofMany: named("Salem Ketbi", {
    roles: ["operational"],
    groups: [...Array.from({ length: 249 }, () => crypto.randomUUID()), finance],
  }),
};

let here: Identity;
let graph: Wire;
beforeAll(async () => {
  here = await startIdentity({
    people: Object.values(people),
    settings: (of) => ({
      ...of,
      graphUrl: `http://127.0.0.1:${graph.port}/graph`,
      scopes: ["openid", "profile", "email", "offline_access", "User.Read"],
    }),
    before: async ({ url }) => {
      graph = await proxy({ host: "127.0.0.1", port: Number(new URL(url).port) });
    },
  });
  await byGroup(here.place, finance, "auditor");
});
afterAll(() => graph.close());

const byGroup = async ({ tenantId }: Place, group: string, role: string) =>
  void (await asOwner()`insert into directory_rules (tenant_id, kind, value, role) values (${tenantId}, 'group', ${group}, ${role})`);
const rows = (oid: string) => asOwner()`select * from people where oid = ${oid} and tenant_id = ${here.place.tenantId}`;
const me = async (who: string) => (await session(here, [who])).api.get("/me").then(({ body }) => body);
const rolesOf = (body: Reply["body"]) => body.person.roles.map(({ role }: { role: string }) => role).sort();

describe("a first sign-in", () => {
  test("one click at the issuer, and the person is in", async () => {
    const { page } = await signedIn(here);
    expect([page.status, page.url]).toEqual([200, `${here.url}/v1/me`]);
    expect(JSON.parse(page.body)).toMatchObject({ roles: ["executive", "operational"], clearance: "public" });
  });

  test("makes the person by directory and object id: two of one e-mail address are two people", async () => {
    const [one, other] = [await me("Layla Al Marri"), await me("Layla Haddad")];
    expect(one.person.email).toBe(other.person.email);
    expect(one.actor.id).not.toBe(other.actor.id);
    expect(other).toMatchObject({ roles: [], permissions: [], clearance: "public" });
    for (const { oid } of [people.layla, people.twin])
      expect(await rows(oid)).toEqual([expect.objectContaining({ tid: here.tid, oid })]);
  });

  test("two first sign-ins at once make one person", async () => {
    const { oid } = people.invited;
    const comesBack = ({ callback, jar }: Awaited<ReturnType<typeof atCallback>>) => visit(callback.href, { jar });
    const visits = await Promise.all([1, 2, 3].map(() => atCallback(here, ["Hessa Mazrouei"])));
    const statuses = (await Promise.all(visits.map(comesBack))).map(({ status }) => status);
    // Who waits too long for the others, on a busy machine, is asked to come again, and is let in then.
    for (const [n, status] of statuses.entries())
      if (status === 503) statuses[n] = (await comesBack(await atCallback(here, ["Hessa Mazrouei"]))).status;
    expect(statuses).toEqual([303, 303, 303]);
    expect(await rows(oid)).toHaveLength(1);
  });

  test("is on record, with where it came from", async () => {
    const person = await me("Layla Al Marri");
    const uuid = (await rows(people.layla.oid))[0]?.id;
    const entries = (await here.place.trail(uuid)).filter(({ action }) => action === "person.sign_in");
    expect(entries[0]).toMatchObject({ outcome: "done", actor_kind: "system", operation: "people.signIn" });
    expect(entries[0]?.address).toMatch(/127\.0\.0\.1/);
    expect(person.session.id).toMatch(/^ses_/);
  });

  test("sets the cookies for this host alone, out of reach of scripts and of other sites' forms", async () => {
    const jar = makeJar();
    const begun = await visit(`${here.url}/auth/sign-in`, { jar });
    const attributes = "HttpOnly; Max-Age=600; Path=/; SameSite=Lax; Secure";
    expect(begun.cookies).toEqual([expect.stringMatching(new RegExp(`^${signInCookie}=[\\w-]{43}; ${attributes}$`))]);
    const { callback, jar: own } = await atCallback(here);
    const { status, headers, cookies } = await visit(callback.href, { jar: own });
    expect([status, headers.get("location"), headers.get("cache-control")]).toEqual([303, "/v1/me", "no-store"]);
    const [set = "", ...more] = cookies;
    expect(more).toEqual([]);
    const [, seconds] =
      /^__Host-dais_session=[\w-]{43}; HttpOnly; Max-Age=(\d+); Path=\/; SameSite=Lax; Secure$/.exec(set) ?? [];
    expect(Number(seconds)).toBeGreaterThan(12 * 3600 - 60);
    expect(Number(seconds)).toBeLessThanOrEqual(12 * 3600);
  });

  test("PUBLIC_URL alone says where the issuer sends people back to", async () => {
    const { headers } = await visit(`${here.url}/auth/sign-in`, {
      headers: { "x-forwarded-proto": "https", "x-forwarded-host": "evil.example", forwarded: "host=evil.example" },
    });
    const to = new URL(headers.get("location") ?? "");
    expect(to.searchParams.get("redirect_uri")).toBe(`${here.url}/auth/callback`);
  });

  test("in two windows of one browser, both succeed", async () => {
    const first = await atCallback(here);
    const second = await atCallback(here, [], { jar: first.jar });
    for (const { callback, jar } of [second, first]) expect((await visit(callback.href, { jar })).status).toBe(303);
  });

  test("other cookies of the host, readable or not, don't get in its way", async () => {
    const { callback, jar } = await atCallback(here);
    const cookie = `theme=%zz; x; =; ${jar.header(callback)}; __Host-dais_sign_in_2=y`;
    expect((await visit(callback.href, { headers: { cookie } })).status).toBe(303);
  });
});

describe("a later sign-in", () => {
  test("finds the same person, whatever the e-mail address is by now", async () => {
    const before = await me("Yousef Haddad");
    here.issuer.setPerson(people.renamed.oid, {
      email: "y.haddad@falak.example",
      preferredUsername: "yh",
      name: "Yousef H.",
    });
    const after = await me("Yousef H.");
    expect(after.actor.id).toBe(before.actor.id);
    expect(after.person).toMatchObject({ email: "y.haddad@falak.example", name: { en: "Yousef H." } });
  });

  test("brings the roles up to what app roles and groups say; what was granted here stays", async () => {
    const { oid } = people.promoted;
    expect(rolesOf(await me("Omar Said"))).toEqual(["auditor", "operational"]);
    await asOwner()`insert into person_roles (tenant_id, person_id, role, source, granted_by, granted_at)
      select tenant_id, id, 'approver', 'granted', 'test', now() from people where oid = ${oid}`;
    here.issuer.setPerson(oid, { roles: ["executive", "unheard-of"], groups: [] });
    expect(rolesOf(await me("Omar Said"))).toEqual(["approver", "executive"]);
    here.issuer.setPerson(oid, { roles: [], groups: [finance] });
    const back = await me("Omar Said");
    expect(rolesOf(back)).toEqual(["approver", "auditor"]);
    expect(back.roles).toEqual([...back.roles].sort());
  });

  test("a change of roles holds at once in the sessions that are there", async () => {
    const { oid } = people.promoted;
    here.issuer.setPerson(oid, { roles: ["operational"], groups: [] });
    const { api } = await session(here, ["Omar Said"]);
    expect((await api.get("/me")).body.permissions).toContain("signal.acknowledge");
    here.issuer.setPerson(oid, { roles: [], groups: [] });
    await me("Omar Said");
    expect((await api.get("/me")).body.permissions).not.toContain("signal.acknowledge");
  });

  test("403 account_disabled: a disabled person doesn't get in, and that is on record", async () => {
    const { text } = await session(here, ["Noura Falasi"]);
    const admin = await here.place.person({ name: "Admin" });
    const { id } = (await inSession(here, text).get("/me")).body.person;
    const boss = inSession(here, (await admin.session()).slice("session:".length));
    const reason = "Left the company yesterday.";
    expect((await boss.post(`/people/${id}/disable`, { reason })).body).toMatchObject({ changed: true });
    expect((await inSession(here, text).get("/me")).status).toBe(401);

    const told = await atCallback(here, ["Noura Falasi"]);
    const refused = await visit(told.callback.href, { jar: told.jar, headers: json });
    expect([refused.status, JSON.parse(refused.body).code]).toEqual([403, "account_disabled"]);
    expect([refused.cookies, told.jar.get(sessionCookie)]).toEqual([[], undefined]);
    const { page } = await signedIn(here, "Noura Falasi");
    expect([page.status, textOf(page.body)]).toEqual([403, expect.stringContaining("The account is disabled")]);
    const trail = await here.place.trail((await rows(people.shutOut.oid))[0]?.id);
    const refusals = trail.filter(({ reason }) => reason === "The person is disabled.");
    expect(refusals).toHaveLength(2);
    expect(refusals[0]).toMatchObject({ action: "person.sign_in", changed: false });
  });
});

describe("who may come in", () => {
  test("a directory that makes no people here lets in only who is known", async () => {
    const known = somebody({ name: "Known" });
    const own = await startIdentity({ people: [known, somebody({ name: "Stranger" })] });
    await asOwner()`update directories set makes_people = false where tid = ${own.tid}`;
    await asOwner()`insert into people (id, tenant_id, tid, oid, name_en, clearance, created_at, updated_at)
      values (${crypto.randomUUID()}, ${own.place.tenantId}, ${own.tid}, ${known.oid}, 'x', 'internal', now(), now())`;
    expect((await (await session(own, ["Known"])).api.get("/me")).body).toMatchObject({ clearance: "internal" });
    const { page, browser } = await signedIn(own, "Stranger");
    expect([page.status, textOf(page.body)]).toEqual([403, expect.stringContaining("Sign-in did not succeed")]);
    expect(browser.jar.get(sessionCookie)).toBeUndefined();
  });

  test("403 sign_in_failed: a directory that no organisation takes", async () => {
    const own = await startIdentity();
    await asOwner()`delete from directories where tid = ${own.tid}`;
    const { callback, jar } = await atCallback(own);
    const { status, body } = await visit(callback.href, { jar, headers: json });
    expect([status, JSON.parse(body).code]).toEqual([403, "sign_in_failed"]);
    expect(await asOwner()`select 1 from people where tid = ${own.tid}`).toEqual([]);
  });
});

describe("who belongs to several organisations", () => {
  let several: Identity;
  let other: Place;
  let third: Place;
  beforeAll(async () => {
    several = await startIdentity();
    [other, third] = [await place(), await place()];
    await admits(other, several.tid);
    await admits(third, several.tid, false);
    await asOwner()`update organisations set name_en = ${"Falak & <b>Sons</b>"} where id = ${other.tenantId}`;
  });
  const choosing = async () => {
    const { callback, jar } = await atCallback(several);
    const page = await visit(callback.href, { jar, headers: html });
    return { page, jar, choice: /name="choice" value="([^"]+)"/.exec(page.body)?.[1] ?? "" };
  };
  const choose = (choice: string, organisation: string, jar = makeJar()) =>
    submit(`${several.url}/auth/choose`, { choice, organisation }, { jar, headers: json });

  test("chooses among those that take the person, with a click, in a browser", async () => {
    const browser = newBrowser();
    const page = await walk(`${several.url}/auth/sign-in?returnTo=/v1/me`, ["Layla Al Marri"], browser);
    expect(textOf(page.body)).toContain("Which organisation?");
    expect(textOf(page.body)).toContain("Falak & <b>Sons</b>");
    expect(page.body).not.toContain("<b>Sons");
    expect(page.body).not.toContain(third.slug);
    expect(page.headers.get("cache-control")).toBe("no-store");
    expect(browser.jar.get(sessionCookie)).toBeUndefined();
    const inside = await browser.press(page, other.slug);
    expect(JSON.parse(inside.body).tenant.slug).toBe(other.slug);
  });

  test("a session is of the one that was chosen, and of no other", async () => {
    for (const { slug } of [several.place, other]) {
      const { choice, jar } = await choosing();
      expect((await choose(choice, slug, jar)).status).toBe(303);
      const { body } = await inSession(several, jar.get(sessionCookie) ?? "").get("/me");
      expect(body.tenant.slug).toBe(slug);
    }
  });

  test("403: a choice works once, in the browser that has it, and for what it offers", async () => {
    const used = await choosing();
    expect((await choose(used.choice, other.slug, used.jar)).status).toBe(303);
    const stolen = await choosing();
    const unoffered = await choosing();
    const answers = [
      await choose(used.choice, other.slug, used.jar),
      await choose(stolen.choice, other.slug),
      await choose(unoffered.choice, third.slug, unoffered.jar),
      await choose("x".repeat(43), other.slug, used.jar),
      await choose("", "", used.jar),
    ];
    for (const { status, body, cookies } of answers)
      expect([status, JSON.parse(body).code, cookies]).toEqual([403, "sign_in_failed", []]);
  });

  test("what waits for the choice shows nothing of the person or the tokens in Redis", async () => {
    const { choice } = await choosing();
    const { Redis } = await import("ioredis");
    const redis = new Redis(inject("redis"));
    const kept = (await Promise.all((await redis.keys("dais:kept:*")).map((key) => redis.get(key)))).join("\n");
    redis.disconnect();
    expect(kept).toContain("v1.own.");
    expect(kept).not.toMatch(/layla@|Layla|refreshToken|eyJ/);
    expect(kept).not.toContain(choice);
  });
});

describe("somebody in more groups than a token holds", () => {
  test("has the roles of all of them, by way of Graph; while Graph is away, those of before", async () => {
    expect(rolesOf(await me("Salem Ketbi"))).toEqual(["auditor", "operational"]);
    graph.cut();
    here.issuer.setPerson(people.ofMany.oid, { roles: ["executive"] });
    expect(rolesOf(await me("Salem Ketbi"))).toEqual(["auditor", "executive"]);
    graph.mend();
    here.issuer.setPerson(people.ofMany.oid, { groups: people.ofMany.groups.slice(0, 249) });
    expect(rolesOf(await me("Salem Ketbi"))).toEqual(["executive"]);
  });

  test("has those of the app roles alone, where Graph was away from the beginning", async () => {
    const own = await startIdentity({
      people: [people.ofMany],
      settings: (of) => ({ ...of, graphUrl: "http://127.0.0.1:1" }),
    });
    await byGroup(own.place, finance, "auditor");
    const { body } = await (await session(own, ["Salem Ketbi"])).api.get("/me");
    expect(rolesOf(body)).toEqual(["operational"]);
  });
});

describe("/session", () => {
  test("shows who it is, what that allows, and the ways on", async () => {
    const { browser } = await session(here, ["Layla Al Marri"]);
    const page = await browser.open(`${here.url}/session`);
    expect([page.status, page.headers.get("cache-control")]).toEqual([200, "no-store"]);
    const text = textOf(page.body);
    for (const part of ["Layla Al Marri", "executive, operational", "Clearance public", "not proven", "signal.read"])
      expect(text).toContain(part);
    expect(page.body).toContain('href="/auth/step-up?returnTo=/session"');
  });

  test("a name with markup and line breaks stays text, there and in JSON", async () => {
    const { jar, api } = await session(here, ["Bobby"]);
    const page = await visit(`${here.url}/session`, { jar, headers: html });
    expect(page.body).not.toContain("<img");
    expect(textOf(page.body)).toContain('Bobby <img src=x onerror="alert(1)"> X-Evil: 1 & "sons"');
    expect(page.headers.get("x-evil")).toBeNull();
    expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
    const answer = await api.get("/me");
    expect(answer.body.actor.name.en).toBe('Bobby <img src=x onerror="alert(1)"> X-Evil: 1 & "sons"');
    expect(answer.headers.get("content-type")).toBe("application/json");
  });

  test("leads to the sign-in where nobody is, and from there back", async () => {
    const { status, headers } = await visit(`${here.url}/session`);
    expect([status, headers.get("location")]).toEqual([303, "/auth/sign-in?returnTo=/session"]);
    const browser = newBrowser();
    const page = await walk(`${here.url}/session`, ["Layla Al Marri"], browser);
    expect([page.status, page.url]).toEqual([200, `${here.url}/session`]);
  });
});

describe("what goes wrong", () => {
  const vain = async () => {
    const [cancelled, foreign, made, used] = [
      await atCallback(here, ["Cancel"]),
      await atCallback(here),
      await atCallback(here),
      await atCallback(here),
    ];
    made.callback.searchParams.set("code", "x".repeat(43));
    await visit(used.callback.href, { jar: used.jar });
    return [
      { url: `${here.url}/auth/callback` },
      { url: `${here.url}/auth/callback?state=nobodys&code=none`, jar: made.jar },
      { url: cancelled.callback.href, jar: cancelled.jar },
      { url: foreign.callback.href },
      { url: made.callback.href, jar: made.jar },
      { url: used.callback.href, jar: used.jar },
    ];
  };
  /** Without what tells one request from another. */
  const bare = ({ status, body, headers }: Awaited<ReturnType<typeof visit>>) => {
    const id = headers.get("x-request-id") ?? "";
    expect(id).not.toBe("");
    expect(body).toContain(id);
    return { status, body: body.replaceAll(id, "ID") };
  };

  test.each([
    ["JSON", json, "application/problem+json"],
    ["a page", html, "text/html; charset=utf-8"],
  ])("is told alike whichever part failed, as %s", async (_, headers, type) => {
    const answers = [];
    for (const { url, jar } of await vain()) {
      const answer = await visit(url, { headers, ...(jar && { jar }) });
      expect([answer.headers.get("content-type"), answer.headers.get("cache-control")]).toEqual([type, "no-store"]);
      expect(answer.cookies).toEqual([]);
      answers.push(bare(answer));
    }
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]?.status).toBe(403);
    expect(answers[0]?.body).toContain("Sign-in did not succeed");
  });

  test("405: no other method than each address has, and HEAD uses nothing up", async () => {
    const { callback, jar } = await atCallback(here);
    const answers = await Promise.all([
      visit(callback.href, { method: "HEAD", jar }),
      visit(callback.href, { method: "POST", jar }),
      visit(`${here.url}/auth/sign-in`, { method: "HEAD" }),
      visit(`${here.url}/auth/choose`),
      visit(`${here.url}/auth/sign-out`, { method: "DELETE" }),
      visit(`${here.url}/auth/back-channel-logout`),
      visit(`${here.url}/session`, { method: "POST" }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 405));
    const get = "GET, OPTIONS";
    const allowed = [get, get, get, "POST, OPTIONS", "GET, HEAD, POST, OPTIONS", "POST, OPTIONS", "GET, HEAD, OPTIONS"];
    expect(answers.map(({ headers }) => headers.get("allow"))).toEqual(allowed);
    expect((await visit(`${here.url}/auth/choose`, { method: "OPTIONS" })).headers.get("allow")).toBe("POST, OPTIONS");
    expect((await visit(callback.href, { jar })).status).toBe(303);
  });

  test("nothing of it may be kept by anybody", async () => {
    for (const path of [
      "sign-in",
      "step-up",
      "callback",
      "choose",
      "sign-out",
      "signed-out",
      "front-channel-logout",
      "back-channel-logout",
    ]) {
      for (const method of ["GET", "POST", "OPTIONS"]) {
        const { headers } = await visit(`${here.url}/auth/${path}`, { method });
        expect([path, method, headers.get("cache-control")]).toEqual([path, method, "no-store"]);
      }
    }
  });
});
