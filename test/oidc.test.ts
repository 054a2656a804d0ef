import { createHash, createPublicKey, X509Certificate } from "node:crypto";
import { GrantEnded, IssuerAway, SignInRefused } from "@dais/adapters/oidc";
import { jwtVerify } from "jose";
import { afterEach, describe, expect, test } from "vitest";
import {
  away,
  closeStandins,
  httpStandin,
  oid,
  oidcStandin,
  otherTid,
  type Reply,
  refused,
  start,
  thrownBy,
  tid,
} from "./support/oidc-standin.ts";
import { selfSigned } from "./support/self-signed.ts";

afterEach(closeStandins);

describe("oidc.begin", () => {
  test("sends the browser to the issuer with a challenge that only its verifier answers", async () => {
    const standin = await oidcStandin();
    const { url, state, nonce, verifier } = await standin.client().begin({});
    expect(`${url.origin}${url.pathname}`).toBe(`${standin.url}/authorize`);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      response_type: "code",
      client_id: "dais",
      redirect_uri: "https://dais.example/auth/callback",
      scope: "openid profile email offline_access",
      state,
      nonce,
      code_challenge_method: "S256",
      code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    });
    for (const text of [state, nonce, verifier]) expect(text).toMatch(/^[\w-]{43}$/);
  });

  test("takes other values each time", async () => {
    const client = (await oidcStandin()).client();
    const all = [await client.begin({}), await client.begin({})].flatMap(({ state, nonce, verifier }) => [
      state,
      nonce,
      verifier,
    ]);
    expect(new Set(all).size).toBe(6);
  });

  test.each([
    ["says it can't", { code_challenge_methods_supported: ["plain"] }],
    ["says it wants none", { code_challenge_methods_supported: [] }],
  ])("sends an S256 challenge to an issuer that %s, too: no downgrade", async (_, metadata) => {
    const standin = await oidcStandin();
    Object.assign(standin.metadata, metadata);
    const { url } = await standin.client().begin({});
    expect(url.searchParams.get("code_challenge_method")).toBe("S256");
    expect(url.searchParams.get("code_challenge")).toMatch(/^[\w-]{43}$/);
  });

  test("lets no parameter of the issuer's own address stand against ours", async () => {
    const standin = await oidcStandin();
    standin.metadata.authorization_endpoint = `${standin.url}/authorize?policy=b2c&redirect_uri=https://evil.example&state=x&code_challenge_method=plain`;
    const { url, state } = await standin.client().begin({});
    const values = (name: string) => url.searchParams.getAll(name);
    expect(values("redirect_uri")).toEqual(["https://dais.example/auth/callback"]);
    expect(values("state")).toEqual([state]);
    expect(values("code_challenge_method")).toEqual(["S256"]);
    expect(values("policy")).toEqual(["b2c"]);
  });

  test("asks for a second factor, now, when somebody steps up", async () => {
    const standin = await oidcStandin();
    const { url } = await standin.client().begin({ stepUp: true, prompt: "none", loginHint: "sara@example.com" });
    expect(url.searchParams.get("prompt")).toBe("login");
    expect(url.searchParams.get("login_hint")).toBe("sara@example.com");
    expect(JSON.parse(url.searchParams.get("claims") ?? "")).toEqual({
      id_token: { acrs: { essential: true, value: "c1" } },
    });
  });

  test("asks for the scopes of the settings, and for a prompt where one is given", async () => {
    const standin = await oidcStandin();
    const client = standin.client({ scopes: ["openid", "GroupMember.Read.All"] });
    const { url } = await client.begin({ prompt: "select_account" });
    expect(url.searchParams.get("scope")).toBe("openid GroupMember.Read.All");
    expect(url.searchParams.get("prompt")).toBe("select_account");
    expect(url.searchParams.has("claims")).toBe(false);
  });
});

describe("oidc.finish", () => {
  test("brings the person, as Entra ID says who it is", async () => {
    const standin = await oidcStandin();
    const time = Math.floor(start.getTime() / 1000);
    const claims = {
      sid: "session-1",
      name: "Sara Al Mansoori",
      email: "sara@example.com",
      preferred_username: "sara@corp.example",
      roles: ["Dais.Executive"],
      groups: ["g-1", "g-2"],
      amr: ["pwd", "mfa"],
      acrs: ["c1"],
      auth_time: time - 5,
    };
    expect(await standin.signIn(standin.client(), { claims })).toEqual({
      tid,
      oid,
      issuer: standin.issuer,
      sub: "pairwise-1",
      sid: "session-1",
      name: "Sara Al Mansoori",
      email: "sara@example.com",
      preferredUsername: "sara@corp.example",
      roles: ["Dais.Executive"],
      groups: ["g-1", "g-2"],
      amr: ["pwd", "mfa"],
      acrs: ["c1"],
      authTime: new Date(start.getTime() - 5000),
      issuedAt: start,
      idToken: expect.stringMatching(/^ey/),
      accessToken: "access-1",
      accessExpiresAt: new Date(start.getTime() + 3_600_000),
      refreshToken: "refresh-1",
    });
  });

  test("knows people of another issuer by its name and sub, whatever else their tokens claim", async () => {
    const standin = await oidcStandin({ path: "/realms/dais" });
    const person = await standin.signIn(standin.client(), { claims: { sub: "user-7", tid, oid } });
    expect(person).toMatchObject({ tid: standin.issuer, oid: "user-7", sub: "user-7", issuer: standin.issuer });
  });

  test("takes every allowed directory where the issuer is all of them", async () => {
    const standin = await oidcStandin({ path: "/organizations/v2.0" });
    const template = standin.issuer.replace("organizations", "{tenantid}");
    standin.metadata.issuer = template;
    const asked: string[] = [];
    const client = standin.client({ allowedTid: (tid) => asked.push(tid) > 0 && tid !== otherTid });
    const of = (iss: string, tid: unknown) => standin.signIn(client, { claims: { iss, tid } });
    const here = template.replace("{tenantid}", tid);

    expect(await of(here, tid)).toMatchObject({ tid, issuer: here });
    expect(await thrownBy(of(here.replace(tid, otherTid), otherTid))).toMatchObject(
      refused("token: directory not allowed"),
    );
    expect(asked).toEqual([tid, otherTid]);
    const stranger = refused("token: another issuer");
    expect(await thrownBy(of(template, "{tenantid}"))).toMatchObject(stranger);
    expect(await thrownBy(of(`https://login.evil.example/${tid}/v2.0`, tid))).toMatchObject(stranger);
    expect(await thrownBy(of(here, otherTid))).toMatchObject(refused("token: another directory than its issuer"));
    for (const iss of [
      template,
      standin.issuer.replace("organizations", "a/b"),
      here.replace("v2.0", "v1.0"),
      `${here}/`,
    ])
      expect(await thrownBy(of(iss, tid)), iss).toEqual(expect.any(SignInRefused));
  });

  test("sends code, verifier and the exact redirect URI, and the secret in the body", async () => {
    const standin = await oidcStandin();
    const client = standin.client();
    const begun = await client.begin({});
    await standin.answers({}, begun.nonce);
    await client.finish(new URLSearchParams({ code: "code-1", state: begun.state }), begun);
    const [call] = standin.calls.filter(({ path }) => path === "/token");
    expect(Object.fromEntries(call?.form ?? [])).toEqual({
      grant_type: "authorization_code",
      code: "code-1",
      redirect_uri: "https://dais.example/auth/callback",
      code_verifier: begun.verifier,
      client_id: "dais",
      client_secret: "a secret: 100% ours",
    });
    expect(call?.headers.authorization).toBeUndefined();
  });

  test.each([
    ["where the issuer doesn't take it in the body", ["client_secret_basic"], undefined],
    ["where the issuer says nothing", undefined, undefined],
    ["where the settings say so", ["client_secret_post"], "header" as const],
  ])("sends the secret in the header %s, encoded", async (_, methods, sentIn) => {
    const standin = await oidcStandin();
    standin.metadata.token_endpoint_auth_methods_supported = methods;
    await standin.signIn(standin.client({ credential: { secret: "a secret: 100% ours", sentIn } }));
    const [call] = standin.calls.filter(({ path }) => path === "/token");
    const [scheme, pair = ""] = call?.headers.authorization?.split(" ") ?? [];
    expect(scheme).toBe("Basic");
    expect(Buffer.from(pair, "base64").toString()).toBe("dais:a+secret%3A+100%25+ours");
    expect(call?.form.has("client_secret")).toBe(false);
  });

  test.each([
    ["rsa", "PS256", undefined],
    ["rsa", "RS256", ["RS256"]],
    ["rsa", "PS256", ["ES256", "PS256", "RS256"]],
    ["ec", "ES256", ["RS256"]],
  ] as const)("proves itself by a certificate: %s, %s where the issuer takes %s", async (kind, alg, taken) => {
    const standin = await oidcStandin();
    standin.metadata.token_endpoint_auth_signing_alg_values_supported = taken;
    const certificate = selfSigned(kind);
    await standin.signIn(standin.client({ credential: { certificate } }));
    const [call] = standin.calls.filter(({ path }) => path === "/token");
    expect(call?.form.get("client_assertion_type")).toBe("urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    const { payload, protectedHeader } = await jwtVerify(
      call?.form.get("client_assertion") ?? "",
      createPublicKey(certificate.pem),
      { currentDate: start, audience: `${standin.url}/token`, issuer: "dais", subject: "dais" },
    );
    const thumbprint = new X509Certificate(certificate.pem).fingerprint256.replaceAll(":", "");
    expect(protectedHeader).toEqual({
      alg,
      typ: "JWT",
      "x5t#S256": Buffer.from(thumbprint, "hex").toString("base64url"),
    });
    expect(payload.jti).toMatch(/^[\w-]{22}$/);
    expect(payload.exp).toBe(Math.floor(start.getTime() / 1000) + 300);
    expect(call?.form.has("client_secret")).toBe(false);
  });

  test("refuses another browser's state, or none", async () => {
    const standin = await oidcStandin();
    const client = standin.client();
    const [mine, other] = [await client.begin({}), await client.begin({})];
    const back = (query: string, expected = mine) => thrownBy(client.finish(new URLSearchParams(query), expected));
    for (const query of [`code=c&state=${other.state}`, `code=c&state=${mine.state}x`, "code=c", "code=c&state="])
      expect(await back(query), query).toMatchObject(refused("response: state"));
    expect(await back("code=c&state=", { ...mine, state: "" })).toMatchObject(refused("response: state"));
    expect(await back(`code=c&state=${mine.state}&state=${mine.state}`)).toMatchObject(
      refused("response: state repeated or too long"),
    );
    expect(await back(`code=c&code=d&state=${mine.state}`)).toMatchObject(
      refused("response: code repeated or too long"),
    );
    expect(await back(`code=${"c".repeat(9000)}&state=${mine.state}`)).toMatchObject(
      refused("response: code repeated or too long"),
    );
    expect(await back(`state=${mine.state}`)).toMatchObject(refused("response: no code"));
    expect(standin.asked("/token"), "no code was sent anywhere").toBe(0);
  });

  test("refuses a response of another issuer before the code goes anywhere: no mix-up", async () => {
    const standin = await oidcStandin();
    const client = standin.client();
    expect(await thrownBy(standin.signIn(client, { callback: { iss: "https://evil.example" } }))).toMatchObject(
      refused("response: another issuer"),
    );
    expect(standin.asked("/token")).toBe(0);
    await expect(standin.signIn(client, { callback: { iss: standin.issuer } })).resolves.toMatchObject({ oid });
  });

  test("refuses a response without iss where the issuer says that it names itself", async () => {
    const standin = await oidcStandin();
    standin.metadata.authorization_response_iss_parameter_supported = true;
    const client = standin.client();
    expect(await thrownBy(standin.signIn(client))).toMatchObject(refused("response: another issuer"));
    expect(await thrownBy(standin.signIn(client, { callback: { error: "access_denied" } }))).toMatchObject(
      refused("response: another issuer"),
    );
    expect(standin.asked("/token")).toBe(0);
    await expect(standin.signIn(client, { callback: { iss: standin.issuer } })).resolves.toMatchObject({ oid });
  });

  test("refuses a response of one directory with a token of another", async () => {
    const standin = await oidcStandin({ path: "/common/v2.0" });
    standin.metadata.issuer = standin.issuer.replace("common", "{tenantid}");
    const of = (tid: string) => standin.issuer.replace("common", tid);
    const lie = { claims: { iss: of(tid) }, callback: { iss: of(otherTid) } };
    expect(await thrownBy(standin.signIn(standin.client(), lie))).toMatchObject(refused("response: another issuer"));
  });

  test.each([
    ["access_denied", "response: access_denied"],
    ["login_required", "response: login_required"],
    ["<script>alert(1)</script>\nforged line", "response: an error"],
  ])("refuses what the issuer refused, and repeats none of its text: %s", async (code, reason) => {
    const standin = await oidcStandin();
    const callback = { error: code, error_description: "AADSTS50105: whispered" };
    const thrown = await thrownBy(standin.signIn(standin.client(), { callback }));
    expect(thrown).toMatchObject(refused(reason));
    expect(JSON.stringify([String(thrown), standin.logged])).not.toContain("whispered");
    expect(standin.asked("/token")).toBe(0);
  });

  test("refuses a code that was used before", async () => {
    const standin = await oidcStandin();
    const client = standin.client();
    const begun = await client.begin({});
    const callback = new URLSearchParams({ code: "code-1", state: begun.state });
    await standin.answers({}, begun.nonce);
    await client.finish(callback, begun);
    standin.reply.token = () => ({ status: 400, body: { error: "invalid_grant", error_description: "whispered" } });
    const thrown = await thrownBy(client.finish(callback, begun));
    expect(thrown).toMatchObject(refused("token endpoint: invalid_grant"));
    expect(String(thrown)).not.toContain("whispered");
  });

  test.each<[string, Reply, string]>([
    ["broken", { status: 502, body: "<html>" }, "token endpoint: 502"],
    ["no JSON", { body: "<html>" }, "token endpoint: unreadable (200)"],
    ["a proxy's refusal", { status: 403, body: { message: "no" } }, "token endpoint: 403"],
    ["endless", { body: `"${"x".repeat(300_000)}"` }, "token endpoint: size"],
    ["silence", { hang: true }, "token endpoint: time"],
    ["our credential", { status: 401, body: { error: "invalid_client" } }, "token endpoint: invalid_client"],
    [
      "a bad day",
      { status: 400, body: { error: "temporarily_unavailable" } },
      "token endpoint: temporarily_unavailable",
    ],
  ])("says that the issuer is away where its token endpoint is of no use: %s", async (_, answer, reason) => {
    const standin = await oidcStandin();
    const client = standin.client({ timeoutMs: 300 });
    const begun = await client.begin({});
    standin.reply.token = () => answer;
    const callback = new URLSearchParams({ code: "code-1", state: begun.state });
    expect(await thrownBy(client.finish(callback, begun))).toMatchObject(away(reason));
  });

  test("carries code and secret to no other place, wherever the token endpoint points", async () => {
    const elsewhere = await httpStandin(() => ({ body: {} }));
    const standin = await oidcStandin();
    const client = standin.client();
    const begun = await client.begin({});
    standin.reply.token = () => ({ status: 307, headers: { location: elsewhere.url }, body: {} });
    const callback = new URLSearchParams({ code: "code-1", state: begun.state });
    expect(await thrownBy(client.finish(callback, begun))).toMatchObject(away("token endpoint: 307"));
    expect(elsewhere.calls).toEqual([]);
  });

  test.each([
    ["no ID token", { id_token: undefined }, "tokens: no ID token"],
    ["an ID token that is a number", { id_token: 7 }, "tokens: one that is none"],
    ["an endless access token", { access_token: "x".repeat(70_000) }, "tokens: one that is none"],
    ["a refresh token in a list", { refresh_token: ["x"] }, "tokens: one that is none"],
    ["another type of token", { token_type: "DPoP" }, "tokens: not of type Bearer"],
  ])("refuses tokens that are none: %s", async (_, tokens, reason) => {
    const standin = await oidcStandin();
    expect(await thrownBy(standin.signIn(standin.client(), { tokens }))).toMatchObject(refused(reason));
  });

  test.each([
    [{ expires_in: "600" }, 600],
    [{ expires_in: 1e12 }, 31_536_000],
    [{ expires_in: -1 }, null],
    [{ expires_in: "soon" }, null],
    [{ access_token: undefined }, null],
  ])("knows until when the access token is good, where that can be known: %o", async (tokens, seconds) => {
    const standin = await oidcStandin();
    const { accessExpiresAt } = await standin.signIn(standin.client(), { tokens });
    expect(accessExpiresAt).toEqual(seconds === null ? null : new Date(start.getTime() + seconds * 1000));
  });

  test("lets nothing secret into errors and logs", async () => {
    const standin = await oidcStandin();
    const client = standin.client();
    const secrets = ["a secret", "code-1", "access-1", "refresh-1", "pairwise-1"];
    const thrown = [await thrownBy(standin.signIn(client, { claims: { aud: "other" } }))];
    for (const body of [{ error: "invalid_client" }, { error: "invalid_grant" }]) {
      const begun = await client.begin({});
      standin.reply.token = () => ({ status: 400, body });
      const callback = new URLSearchParams({ code: "code-1", state: begun.state });
      thrown.push(await thrownBy(client.finish(callback, begun)));
      secrets.push(begun.state, begun.verifier);
    }
    const written = JSON.stringify([
      standin.logged,
      thrown.map((one) => [one, (one as Error).stack, (one as Error).cause]),
    ]);
    expect(standin.logged.map(({ message }) => message)).toContain("the issuer refuses this client");
    for (const secret of secrets) expect(written).not.toContain(secret);
  });

  test("lets what the check of the directory throws through as it is", async () => {
    const standin = await oidcStandin();
    const broken = new RangeError("the database is away");
    const allowedTid = () => Promise.reject(broken);
    expect(await thrownBy(standin.signIn(standin.client({ allowedTid })))).toBe(broken);
  });
});

describe("oidc.refresh", () => {
  test("brings the person and the tokens as they are now, without a nonce", async () => {
    const standin = await oidcStandin();
    await standin.answers({ claims: { roles: ["Dais.Auditor"] }, tokens: { refresh_token: "refresh-2" } });
    const person = await standin.client().refresh("refresh-1");
    expect(person).toMatchObject({
      tid,
      oid,
      roles: ["Dais.Auditor"],
      refreshToken: "refresh-2",
      accessToken: "access-1",
    });
    const [call] = standin.calls.filter(({ path }) => path === "/token");
    expect(Object.fromEntries(call?.form ?? [])).toEqual({
      grant_type: "refresh_token",
      refresh_token: "refresh-1",
      client_id: "dais",
      client_secret: "a secret: 100% ours",
    });
  });

  test("keeps the refresh token where the issuer gives no new one", async () => {
    const standin = await oidcStandin();
    await standin.answers({ tokens: { refresh_token: undefined } });
    expect(await standin.client().refresh("refresh-1")).toMatchObject({ refreshToken: "refresh-1" });
  });

  test.each(["invalid_grant", "interaction_required", "login_required", "invalid_request"])(
    "tells that the grant has ended: %s",
    async (code) => {
      const standin = await oidcStandin();
      standin.reply.token = () => ({ status: 400, body: { error: code, error_description: "whispered" } });
      const thrown = await thrownBy(standin.client().refresh("refresh-1"));
      expect(thrown).toBeInstanceOf(GrantEnded);
      expect(thrown).toMatchObject({ reason: code });
      expect(String(thrown)).not.toContain("whispered");
    },
  );

  test.each<[string, Reply]>([
    ["broken", { status: 500, body: { error: "invalid_grant" } }],
    ["our credential has run out", { status: 401, body: { error: "invalid_client" } }],
    ["a proxy's page", { status: 400, body: "<html>" }],
    ["an error that is none", { status: 400, body: { error: { code: 1 } } }],
  ])("ends nobody's grant because the issuer is away: %s", async (_, answer) => {
    const standin = await oidcStandin();
    standin.reply.token = () => answer;
    expect(await thrownBy(standin.client().refresh("refresh-1"))).toBeInstanceOf(IssuerAway);
  });

  test.each([
    ["of nobody", { tokens: { id_token: undefined } }, "tokens: no ID token"],
    ["for somebody else", { claims: { aud: "other" } }, "token: claim aud"],
    ["of a directory that is not allowed any more", {}, "token: directory not allowed"],
  ])("refuses an answer %s", async (_, lies, reason) => {
    const standin = await oidcStandin();
    await standin.answers(lies);
    const client = standin.client({ allowedTid: () => !reason.includes("directory") });
    expect(await thrownBy(client.refresh("refresh-1"))).toMatchObject(refused(reason));
  });
});

describe("oidc.endSession", () => {
  test("leads to the issuer's own sign-out", async () => {
    const standin = await oidcStandin();
    const options = {
      idTokenHint: "ey.token",
      postLogoutRedirectUri: "https://dais.example/auth/signed-out",
      state: "s",
    };
    const url = await standin.client().endSession(options);
    expect(`${url?.origin}${url?.pathname}`).toBe(`${standin.url}/logout`);
    expect(Object.fromEntries(url?.searchParams ?? [])).toEqual({
      client_id: "dais",
      id_token_hint: "ey.token",
      post_logout_redirect_uri: "https://dais.example/auth/signed-out",
      state: "s",
    });
  });

  test("leaves a hint away that no address has room for", async () => {
    const standin = await oidcStandin();
    const url = await standin.client().endSession({ idTokenHint: "x".repeat(5000) });
    expect(url?.searchParams.has("id_token_hint")).toBe(false);
  });

  test("is null where the issuer has none", async () => {
    const standin = await oidcStandin();
    delete standin.metadata.end_session_endpoint;
    expect(await standin.client().endSession({})).toBeNull();
  });
});
