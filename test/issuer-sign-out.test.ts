import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Issuer } from "@dais/issuer";
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newBrowser, walk } from "./support/browser.ts";
import { textOf } from "./support/html.ts";
import {
  answerOf,
  application,
  browserOf,
  home,
  mariam,
  request,
  signedIn,
  testIssuer,
  tid,
} from "./support/issuer.ts";

/** An application that writes down what reaches its two logout addresses. */
const heard: { front: URL[]; back: URLSearchParams[] } = { front: [], back: [] };
let listener: Server;
let issuer: Issuer;
beforeAll(async () => {
  listener = createServer(async (req, res) => {
    let body = "";
    for await (const chunk of req) body += chunk;
    if (req.url?.startsWith("/front")) heard.front.push(new URL(req.url, "http://localhost"));
    if (req.url?.startsWith("/back")) heard.back.push(new URLSearchParams(body));
    res.end("ok");
  });
  await new Promise<void>((done) => listener.listen(0, "127.0.0.1", done));
  const url = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;
  const told = { ...application, frontchannelLogoutUri: `${url}/front?kept=1`, backchannelLogoutUri: `${url}/back` };
  issuer = await testIssuer({ clients: [told] });
});
afterAll(async () => {
  await issuer.stop();
  await new Promise((done) => listener.close(done));
});

const logout = (query: Record<string, string> = {}) =>
  `${issuer.url}/${tid}/oauth2/v2.0/logout?${new URLSearchParams(query)}`;

describe("signing out", () => {
  test("ends the session, tells the application by both channels, and goes on to it", async () => {
    const browser = newBrowser({ stopAt: home });
    const tokens = await signedIn(issuer, ["Mariam"], {}, browser);
    const { sid, sub } = decodeJwt(tokens.id_token ?? "");
    const page = await walk(
      logout({ id_token_hint: tokens.id_token ?? "", post_logout_redirect_uri: `${home}bye`, state: "a state" }),
      [],
      browser,
    );
    expect(page.url).toBe(`${home}bye?state=a+state`);

    // As Entra ID does it: the session's id, and no issuer.
    const front = heard.front.filter(({ searchParams }) => searchParams.get("sid") === sid);
    expect(front.map(({ search }) => search)).toEqual([`?kept=1&sid=${sid}`]);

    const token = heard.back.map((form) => form.get("logout_token") ?? "").find((one) => decodeJwt(one).sid === sid);
    const keys = createRemoteJWKSet(new URL(`${issuer.url}/${tid}/discovery/v2.0/keys`));
    const expected = { issuer: issuer.issuerOf(tid), audience: application.clientId, typ: "logout+jwt" };
    const { payload } = await jwtVerify(token ?? "", keys, expected);
    expect(payload).toMatchObject({ sub, events: { "http://schemas.openid.net/event/backchannel-logout": {} } });
    expect(payload).not.toHaveProperty("nonce");

    const next = await walk(request(issuer).url, [], browser);
    expect(textOf(next.body)).toContain("Sign in to Rimal Holding");
  });

  test("without an address says so, and frames nothing that was not entered", async () => {
    const page = await walk(logout(), [], browserOf());
    expect([page.status, textOf(page.body)]).toEqual([200, expect.stringContaining("You are signed out")]);
    expect(page.body).not.toContain("<iframe");
    expect(page.headers.get("content-security-policy")).not.toContain("frame-src");
  });

  test("goes on to registered addresses only", async () => {
    for (const query of [
      { post_logout_redirect_uri: "https://evil.example/" },
      { post_logout_redirect_uri: `${home}bye`, client_id: "nobody" },
      { post_logout_redirect_uri: `${home}bye`, id_token_hint: "forged" },
    ] as Record<string, string>[]) {
      const page = await walk(logout(query), [], browserOf());
      expect([page.status, page.body.includes("refresh")]).toEqual([200, false]);
    }
    const page = await walk(logout({ post_logout_redirect_uri: `${home}bye` }), [], browserOf());
    expect(page.url).toBe(`${home}bye`);
  });

  test("an application that can't be reached stops nobody", async () => {
    const gone = { ...application, backchannelLogoutUri: "http://127.0.0.1:1/back" };
    const own = await testIssuer({ clients: [gone] });
    const browser = browserOf();
    await signedIn(own, ["Mariam"], {}, browser);
    const page = await walk(`${own.url}/${tid}/oauth2/v2.0/logout`, [], browser);
    expect(textOf(page.body)).toContain("You are signed out");
    expect(answerOf(await walk(request(own, { prompt: "none" }).url, [], browser)).error).toBe("login_required");
    await own.stop();
  });

  test("an administrator who ends a person's sessions ends each, and the back-channel hears of it", async () => {
    const browsers = [browserOf(), browserOf()];
    const sids: unknown[] = [];
    for (const browser of browsers) {
      sids.push(decodeJwt((await signedIn(issuer, [mariam.name], {}, browser)).id_token ?? "").sid);
    }
    expect(await issuer.endSessions(mariam.oid)).toBeGreaterThanOrEqual(2);
    const told = heard.back.map((form) => decodeJwt(form.get("logout_token") ?? "").sid);
    expect(told).toEqual(expect.arrayContaining(sids));
    for (const browser of browsers) {
      expect(answerOf(await walk(request(issuer, { prompt: "none" }).url, [], browser)).error).toBe("login_required");
    }
    expect(decodeProtectedHeader(heard.back.at(-1)?.get("logout_token") ?? "").alg).toBe("RS256");
  });
});
