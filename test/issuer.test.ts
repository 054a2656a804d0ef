import { createHash } from "node:crypto";
import { type Issuer, startIssuer } from "@dais/issuer";
import { makeStore } from "@dais/issuer/store";
import { createRemoteJWKSet, decodeJwt, jwtVerify } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { walk } from "./support/browser.ts";
import { textOf } from "./support/html.ts";
import {
  answerOf,
  application,
  browserOf,
  home,
  mariam,
  marked,
  ofMany,
  otherTid,
  redeem,
  request,
  signedIn,
  stepUp,
  testIssuer,
  tid,
  token,
  yousef,
} from "./support/issuer.ts";

let issuer: Issuer;
beforeAll(async () => {
  issuer = await testIssuer();
});
afterAll(() => issuer.stop());

const discovered = async (at: Issuer, directory = tid) =>
  (await (await fetch(`${at.issuerOf(directory)}/.well-known/openid-configuration`)).json()) as Record<string, string>;

/** The claims of an ID token that anybody would accept. */
async function verified(at: Issuer, idToken: string | undefined, directory = tid) {
  const { jwks_uri } = await discovered(at, directory);
  const options = { issuer: at.issuerOf(directory), audience: application.clientId, algorithms: ["RS256"] };
  return (await jwtVerify(idToken ?? "", createRemoteJWKSet(new URL(jwks_uri as string)), options)).payload;
}

describe("the embedded issuer", () => {
  test("does not start in production", async () => {
    const refused = startIssuer({ nodeEnv: "production", tenants: [], clients: [] });
    await expect(refused).rejects.toThrow("does not start where NODE_ENV is production");
  });

  test("has the addresses of Entra ID, with the directory in the path", async () => {
    const base = `${issuer.url}/${tid}`;
    expect(await discovered(issuer)).toMatchObject({
      issuer: `${base}/v2.0`,
      authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
      token_endpoint: `${base}/oauth2/v2.0/token`,
      jwks_uri: `${base}/discovery/v2.0/keys`,
      end_session_endpoint: `${base}/oauth2/v2.0/logout`,
      authorization_response_iss_parameter_supported: true,
    });
    expect((await fetch(`${issuer.issuerOf("nobody")}/.well-known/openid-configuration`)).status).toBe(404);
  });

  test("publishes public keys only", async () => {
    const { keys } = (await (await fetch(`${issuer.url}/${tid}/discovery/v2.0/keys`)).json()) as { keys: object[] };
    expect(keys.map((key) => Object.keys(key).sort())).toEqual([["e", "issuer", "kid", "kty", "n", "use"]]);
  });

  test("503 with Retry-After while it is paused", async () => {
    const paused = await testIssuer();
    paused.pause();
    const refused = await fetch(`${paused.issuerOf(tid)}/.well-known/openid-configuration`);
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
    paused.pause("drop");
    await expect(discovered(paused)).rejects.toThrow();
    paused.resume();
    expect((await discovered(paused)).issuer).toBe(paused.issuerOf(tid));
    await paused.stop();
  });
});

describe("signing in", () => {
  test("is one click; the answer carries code, state and issuer (RFC 9207)", async () => {
    const { url } = request(issuer);
    const page = await walk(url, ["Mariam Al Suwaidi"], browserOf());
    expect(page.url.startsWith(`${home}callback?`)).toBe(true);
    expect(answerOf(page)).toEqual({ code: expect.any(String), state: "a state", iss: issuer.issuerOf(tid) });
  });

  test("gives an ID token with the claims of Entra ID v2.0", async () => {
    const before = Math.floor(Date.now() / 1000);
    const tokens = await signedIn(issuer, ["Mariam"]);
    const claims = await verified(issuer, tokens.id_token);
    expect(claims).toMatchObject({
      iss: issuer.issuerOf(tid),
      aud: application.clientId,
      tid,
      oid: mariam.oid,
      ver: "2.0",
      name: mariam.name,
      preferred_username: mariam.preferredUsername,
      email: mariam.email,
      roles: mariam.roles,
      groups: mariam.groups,
      amr: ["pwd"],
      nonce: "a nonce",
      sid: expect.any(String),
      at_hash: createHash("sha256").update(tokens.access_token).digest().subarray(0, 16).toString("base64url"),
    });
    expect(claims.auth_time).toBeGreaterThanOrEqual(before);
    expect(claims).not.toHaveProperty("acrs");
    expect(claims.sub).not.toBe(mariam.oid);
    expect(tokens).toMatchObject({ token_type: "Bearer", scope: "openid profile email User.Read" });
  });

  test("leaves out what a person hasn't got", async () => {
    const claims = decodeJwt((await signedIn(issuer, ["Yousef"])).id_token ?? "");
    expect(claims).toMatchObject({ oid: yousef.oid, name: yousef.name });
    expect(claims).not.toHaveProperty("email");
  });

  test("is remembered: the second time nobody is asked", async () => {
    const browser = browserOf();
    const first = await signedIn(issuer, ["Mariam"], {}, browser);
    const second = await signedIn(issuer, [], {}, browser);
    const [{ sub, sid, auth_time }, again] = [decodeJwt(first.id_token ?? ""), decodeJwt(second.id_token ?? "")];
    expect(again).toMatchObject({ sub, sid, auth_time });
    expect(answerOf(await walk(request(issuer, { prompt: "none" }).url, [], browser))).toHaveProperty("code");
  });

  test("prompt=login asks again; prompt=none never does", async () => {
    const browser = browserOf();
    await signedIn(issuer, ["Mariam"], {}, browser);
    const asked = await walk(request(issuer, { prompt: "login" }).url, [], browser);
    expect(textOf(asked.body)).toContain("Sign in to Rimal Holding");
    const silent = await walk(request(issuer, { prompt: "none" }).url, [], browserOf());
    expect(answerOf(silent)).toMatchObject({ error: "login_required", state: "a state", iss: issuer.issuerOf(tid) });
  });

  test("max_age=0 asks again", async () => {
    const browser = browserOf();
    await signedIn(issuer, ["Mariam"], {}, browser);
    await expect
      .poll(async () => (await walk(request(issuer, { max_age: "0" }).url, [], browser)).status, { timeout: 20_000 })
      .toBe(200);
  });

  test("login_hint puts the person first, and asks where somebody else is signed in", async () => {
    const browser = browserOf();
    const page = await walk(request(issuer, { login_hint: yousef.preferredUsername }).url, [], browser);
    expect(page.body.indexOf(yousef.name)).toBeLessThan(page.body.indexOf(mariam.name));
    await signedIn(issuer, ["Mariam"], {}, browser);
    const other = await signedIn(issuer, ["Yousef"], { login_hint: yousef.preferredUsername }, browser);
    expect(decodeJwt(other.id_token ?? "").oid).toBe(yousef.oid);
  });

  test("prompt=select_account changes who is signed in", async () => {
    const browser = browserOf();
    await signedIn(issuer, ["Mariam"], {}, browser);
    const other = await signedIn(issuer, ["Yousef"], { prompt: "select_account" }, browser);
    expect(decodeJwt(other.id_token ?? "").oid).toBe(yousef.oid);
  });

  test("each directory has its own people, and its own sessions", async () => {
    const browser = browserOf();
    await signedIn(issuer, ["Mariam"], {}, browser);
    const page = await walk(request(issuer, {}, otherTid).url, [], browser);
    expect(textOf(page.body)).toContain("Sign in to Falak");
    expect(page.body).not.toContain("Mariam");
  });

  test("a disabled person is told so, and enters neither anew nor with a session", async () => {
    const own = await testIssuer();
    const browser = browserOf();
    await signedIn(own, ["Mariam"], {}, browser);
    own.setPerson(mariam.oid, { disabled: true });
    const page = await walk(request(own).url, ["Mariam"], browser);
    expect([page.status, textOf(page.body)]).toEqual([403, expect.stringContaining("is disabled")]);
    await own.stop();
  });

  test("cancelling tells the application", async () => {
    const page = await walk(request(issuer).url, ["Cancel"], browserOf());
    expect(answerOf(page)).toMatchObject({ error: "access_denied", state: "a state" });
  });

  test("a name with markup and line breaks stays text", async () => {
    const page = await walk(request(issuer).url, [], browserOf());
    expect(page.body).not.toContain("<img");
    expect(textOf(page.body)).toContain('Bobby <img src=x onerror="alert(1)"> & "sons"');
    const claims = decodeJwt((await signedIn(issuer, [marked.oid])).id_token ?? "");
    expect(claims.name).toBe(marked.name);
  });

  test("pages let nothing be loaded, framed or kept", async () => {
    const { headers } = await walk(request(issuer).url, [], browserOf());
    expect(headers.get("content-security-policy")).toMatch(
      /^default-src 'none'; style-src 'sha256-.*frame-ancestors 'none'/,
    );
    expect(headers.get("content-security-policy")).toContain(`form-action 'self' ${new URL(home).origin}`);
    expect(headers.get("cache-control")).toBe("no-store");
  });

  test("400: a page that was left too long, or is another browser's", async () => {
    const page = await walk(request(issuer).url, [], browserOf());
    const stolen = await walk(page.url, [], browserOf());
    expect([stolen.status, textOf(stolen.body)]).toEqual([400, expect.stringContaining("expired")]);
  });

  test("an unknown client or address is told to the person, never redirected", async () => {
    for (const [name, value] of [
      ["client_id", "nobody"],
      ["redirect_uri", `${home}elsewhere`],
    ]) {
      const page = await walk(request(issuer, { [name as string]: value as string }).url, [], browserOf());
      expect([page.status, textOf(page.body)]).toEqual([400, expect.stringContaining("This can't go on")]);
    }
  });

  test("without PKCE, or with plain, there is no code", async () => {
    const bare = new URL(request(issuer).url);
    bare.searchParams.delete("code_challenge");
    bare.searchParams.delete("code_challenge_method");
    for (const url of [bare.href, request(issuer, { code_challenge_method: "plain" }).url]) {
      expect(answerOf(await walk(url, [], browserOf()))).toMatchObject({ error: "invalid_request" });
    }
  });
});

describe("redeeming a code", () => {
  const codeOf = async (parameters = {}) => {
    const { url, verifier } = request(issuer, parameters);
    return { code: answerOf(await walk(url, ["Mariam"], browserOf())).code as string, verifier };
  };

  test("400: with another verifier, or a second time", async () => {
    const { code, verifier } = await codeOf();
    expect((await redeem(issuer, code, "x".repeat(43))).body.error).toBe("invalid_grant");
    expect((await redeem(issuer, code, verifier)).status).toBe(200);
    const again = await redeem(issuer, code, verifier);
    expect([again.status, again.body]).toMatchObject([400, { error: "invalid_grant", error_codes: [70000] }]);
  });

  test("401: with a wrong secret", async () => {
    const { code, verifier } = await codeOf();
    const refused = await redeem(issuer, code, verifier, { client_secret: "guessed" });
    expect([refused.status, refused.body.error]).toEqual([401, "invalid_client"]);
  });

  test("takes the secret in the Authorization header too", async () => {
    const { code, verifier } = await codeOf();
    const { clientId, clientSecret, redirectUris } = application;
    const basic = [clientId, clientSecret].map((text) => encodeURIComponent(text)).join(":");
    const response = await fetch(`${issuer.url}/${tid}/oauth2/v2.0/token`, {
      method: "POST",
      headers: { authorization: `Basic ${Buffer.from(basic).toString("base64")}` },
      body: new URLSearchParams({
        grant_type: "authorization_code",
        code,
        code_verifier: verifier,
        redirect_uri: redirectUris[0] as string,
      }),
    });
    expect(response.status).toBe(200);
  });

  test("no refresh token without offline_access", async () => {
    expect(await signedIn(issuer, ["Mariam"], { scope: "openid profile" })).not.toHaveProperty("refresh_token");
  });
});

describe("refreshing", () => {
  const refresh = (value: string | undefined, at = issuer) =>
    token(at, { grant_type: "refresh_token", refresh_token: value ?? "" });

  test("gives a new refresh token, and fresh claims of the same sign-in", async () => {
    const own = await testIssuer();
    const first = await signedIn(own, ["Mariam"]);
    own.setPerson(mariam.oid, { roles: ["Auditor"], groups: [] });
    const { status, body } = await refresh(first.refresh_token, own);
    expect(status).toBe(200);
    expect(body.refresh_token).not.toBe(first.refresh_token);
    const { sid, auth_time, amr } = decodeJwt(first.id_token ?? "");
    const claims = await verified(own, body.id_token);
    expect(claims).toMatchObject({ sid, auth_time, amr, roles: ["Auditor"] });
    expect(claims).not.toHaveProperty("groups");
    await own.stop();
  });

  test("400: a refresh token that comes a second time ends the whole line", async () => {
    const first = await signedIn(issuer, ["Mariam"]);
    const { body: second } = await refresh(first.refresh_token);
    expect((await refresh(first.refresh_token)).body.error).toBe("invalid_grant");
    expect((await refresh(second.refresh_token)).body.error).toBe("invalid_grant");
  });

  test("400: of a disabled person, and of one whose sessions were ended", async () => {
    const own = await testIssuer();
    const [first, second] = [await signedIn(own, ["Mariam"]), await signedIn(own, ["Yousef"])];
    own.setPerson(mariam.oid, { disabled: true });
    expect((await refresh(first.refresh_token, own)).body.error).toBe("invalid_grant");
    expect(await own.endSessions(yousef.oid)).toBe(1);
    expect((await refresh(second.refresh_token, own)).body.error).toBe("invalid_grant");
    await own.stop();
  });
});

describe("the second factor", () => {
  test("is one click, and shows in amr and acrs", async () => {
    const tokens = await signedIn(issuer, ["Mariam", "Approve on my phone"], { claims: stepUp });
    expect(await verified(issuer, tokens.id_token)).toMatchObject({ amr: ["pwd", "mfa"], acrs: ["c1"] });
  });

  test("takes the code that the page shows", async () => {
    const page = await walk(request(issuer, { claims: stepUp }).url, ["Mariam"], browserOf());
    const [shown = ""] = /\d{3} \d{3}/.exec(textOf(page.body)) ?? [];
    const code = { press: "Verify", fill: { code: shown } };
    const tokens = await signedIn(issuer, ["Mariam", code], { claims: stepUp });
    expect(decodeJwt(tokens.id_token ?? "").acrs).toEqual(["c1"]);
  });

  test("a wrong code stays on the page; the fifth ends it", async () => {
    const wrong = { press: "Verify", fill: { code: "not it" } };
    const { url } = request(issuer, { claims: stepUp });
    const browser = browserOf();
    let page = await walk(url, ["Mariam", wrong], browser);
    expect(textOf(page.body)).toContain("That code is not right");
    for (let mistakes = 1; mistakes < 5; mistakes++) page = await browser.press(page, wrong);
    expect(answerOf(page)).toMatchObject({ error: "access_denied", state: "a state" });
  });

  test("someone else's code is wrong", async () => {
    const code = { press: "Verify", fill: { code: issuer.codeOf(yousef.oid) } };
    const page = await walk(request(issuer, { claims: stepUp }).url, ["Mariam", code], browserOf());
    expect(textOf(page.body)).toContain("That code is not right");
  });

  test("who is signed in proves that only, and once; with prompt=login all again", async () => {
    const browser = browserOf();
    await signedIn(issuer, ["Mariam"], {}, browser);
    const stepped = await signedIn(issuer, ["Approve"], { claims: stepUp }, browser);
    expect(decodeJwt(stepped.id_token ?? "").acrs).toEqual(["c1"]);
    await signedIn(issuer, [], { claims: stepUp }, browser);
    await signedIn(issuer, ["Mariam", "Approve"], { claims: stepUp, prompt: "login" }, browser);
  });

  test("another account can be chosen instead", async () => {
    const tokens = await signedIn(issuer, ["Mariam", "Use another account", "Yousef", "Approve"], { claims: stepUp });
    expect(decodeJwt(tokens.id_token ?? "").oid).toBe(yousef.oid);
  });

  test("may be asked for in the access token, beside a client's capabilities, as MSAL does", async () => {
    const claims = JSON.stringify({
      access_token: { acrs: { essential: true, value: "c1" }, xms_cc: { values: ["CP1"] } },
    });
    const tokens = await signedIn(issuer, ["Mariam", "Approve"], { claims });
    expect(decodeJwt(tokens.id_token ?? "").acrs).toEqual(["c1"]);
  });
});

describe("groups", () => {
  const members = (accessToken: string, query = "?$select=id&$top=100") =>
    fetch(`${issuer.graphUrl}/v1.0/me/transitiveMemberOf/microsoft.graph.group${query}`, {
      headers: { authorization: `Bearer ${accessToken}` },
    });

  test("beyond 200 are not in the token, which says where they are", async () => {
    const claims = decodeJwt((await signedIn(issuer, ["Layla"])).id_token ?? "");
    expect(claims).not.toHaveProperty("groups");
    const endpoint = `${issuer.graphUrl}/v1.0/users/${ofMany.oid}/getMemberObjects`;
    expect(claims).toMatchObject({ _claim_names: { groups: "src1" }, _claim_sources: { src1: { endpoint } } });
  });

  test("come from Graph in pages, or all at once", async () => {
    const { access_token } = await signedIn(issuer, ["Layla"]);
    const sizes: number[] = [];
    const found: string[] = [];
    let next: string | undefined = "?$select=id&$top=100";
    while (next) {
      const page = (await (await members(access_token, next)).json()) as {
        value: { id: string }[];
        "@odata.nextLink"?: string;
      };
      sizes.push(page.value.length);
      found.push(...page.value.map(({ id }) => id));
      next = page["@odata.nextLink"] && new URL(page["@odata.nextLink"]).search;
    }
    expect(sizes).toEqual([100, 100, 50]);
    expect(found).toEqual(ofMany.groups);

    const response = await fetch(`${issuer.graphUrl}/v1.0/users/${ofMany.oid}/getMemberObjects`, {
      method: "POST",
      headers: { authorization: `Bearer ${access_token}`, "content-type": "application/json" },
      body: JSON.stringify({ securityEnabledOnly: true }),
    });
    expect(((await response.json()) as { value: string[] }).value).toEqual(ofMany.groups);
  });

  test("401: with no or a wrong token; 403: with one that may not, or for somebody else", async () => {
    expect((await members("nothing")).status).toBe(401);
    const { access_token } = await signedIn(issuer, ["Layla"]);
    const other = `${issuer.graphUrl}/v1.0/users/${mariam.oid}/getMemberObjects`;
    const headers = { authorization: `Bearer ${access_token}` };
    expect((await fetch(other, { method: "POST", headers })).status).toBe(403);
    const narrow = await signedIn(issuer, ["Layla"], { scope: "openid profile" });
    expect((await members(narrow.access_token)).status).toBe(403);
  });
});

describe("what it remembers", () => {
  test("is bounded: the oldest gives way, the expired first", async () => {
    const store = makeStore(3);
    const codes = store.adapter("AuthorizationCode");
    await codes.upsert("first", { accountId: "a" }, 60);
    await codes.upsert("expired", {}, -1);
    for (const id of ["second", "third"]) await codes.upsert(id, { accountId: "a" }, 60);
    expect(await codes.find("first")).toBeDefined();
    await codes.upsert("fourth", { accountId: "b" }, 60);
    expect(await codes.find("first")).toBeUndefined();
    expect(await codes.find("second")).toBeDefined();
    store.forget("a");
    expect([await codes.find("second"), await codes.find("fourth")]).toEqual([undefined, { accountId: "b" }]);
  });
});

describe("keys", () => {
  test("rotate: new tokens have another key, and the old one goes when it is told to", async () => {
    const own = await testIssuer();
    const browser = browserOf();
    const before = await signedIn(own, ["Mariam"], {}, browser);
    await own.rotateKeys({ keepOldSeconds: 60 });
    const after = await signedIn(own, [], {}, browser);
    await verified(own, before.id_token);
    await verified(own, after.id_token);
    await own.rotateKeys({ keepOldSeconds: 0 });
    await expect(verified(own, after.id_token)).rejects.toThrow("no applicable key");
    expect((await token(own, { grant_type: "refresh_token", refresh_token: after.refresh_token ?? "" })).status).toBe(
      200,
    );
    await own.stop();
  });

  test("are the same for all directories: a signature alone proves nothing about the directory", async () => {
    const own = await testIssuer();
    const forged = await own.sign({ iss: own.issuerOf(otherTid), aud: application.clientId, exp: 2 ** 32 });
    await verified(own, forged, otherTid);
    await expect(verified(own, forged, tid)).rejects.toThrow('unexpected "iss" claim value');
    await own.stop();
  });

  test("tokens can be tampered with on their way", async () => {
    const own = await testIssuer();
    own.tamper((tokens) => ({ ...tokens, id_token: "not one" }));
    expect((await signedIn(own, ["Mariam"])).id_token).toBe("not one");
    own.tamper(null);
    await verified(own, (await signedIn(own, ["Mariam"])).id_token);
    await own.stop();
  });
});
