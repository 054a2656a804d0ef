import { afterEach, describe, expect, test } from "vitest";
import {
  away,
  closeStandins,
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

describe("oidc discovery", () => {
  test("is asked for when first needed, once by however many, and again after an hour", async () => {
    const standin = await oidcStandin();
    const client = standin.client();
    expect(standin.calls).toEqual([]);
    await Promise.all([client.begin({}), client.begin({}), client.begin({})]);
    standin.later(3599);
    await client.begin({});
    expect(standin.asked("/openid-configuration")).toBe(1);
    standin.later(1);
    await client.begin({});
    expect(standin.asked("/openid-configuration")).toBe(2);
  });

  test.each([
    ["another host", () => "https://login.evil.example/v2.0"],
    ["another directory", (issuer: string) => issuer.replace(tid, otherTid)],
    ["a slash more", (issuer: string) => `${issuer}/`],
    ["other letters", (issuer: string) => issuer.replace(tid, tid.toUpperCase())],
    ["a template that nobody asked for", (issuer: string) => issuer.replace(tid, "{tenantid}")],
  ])("of an issuer of another name is refused: %s", async (_, lie) => {
    const standin = await oidcStandin();
    standin.metadata.issuer = lie(standin.issuer);
    expect(await thrownBy(standin.client().begin({}))).toMatchObject(refused("discovery: another issuer"));
  });

  test.each(["authorization_endpoint", "token_endpoint", "jwks_uri", "end_session_endpoint"])(
    "that sends us where anybody can listen is refused: %s",
    async (name) => {
      const standin = await oidcStandin();
      for (const address of [
        "http://login.example/there",
        "https://user:word@login.example/there",
        "javascript:alert(1)",
      ]) {
        standin.metadata[name] = address;
        expect(await thrownBy(standin.client().begin({}))).toMatchObject(refused(`discovery: ${name} is not https`));
      }
    },
  );

  test.each<[string, Reply, string]>([
    ["no JSON", { body: "<html>Welcome</html>" }, "discovery: unreadable (200)"],
    ["a list", { body: [] }, "discovery: unreadable (200)"],
    ["no issuer", { body: {} }, "discovery: no issuer"],
    ["not found", { status: 404, body: {} }, "discovery: unreadable (404)"],
    ["broken", { status: 500, body: {} }, "discovery: 500"],
    ["busy", { status: 429, body: {} }, "discovery: 429"],
    ["endless", { body: `{"issuer":"${"x".repeat(300_000)}"}` }, "discovery: size"],
    ["no UTF-8", { body: Buffer.from('{"issuer":"\u00ff"}', "latin1") }, "discovery: unreadable (200)"],
    ["silence", { hang: true }, "discovery: time"],
  ])("that can't be read means that the issuer is away: %s", async (_, answer, reason) => {
    const standin = await oidcStandin();
    standin.reply.discovery = () => answer;
    const client = standin.client({ timeoutMs: 300 });
    expect(await thrownBy(client.begin({}))).toMatchObject(away(reason));
    delete standin.reply.discovery;
    await expect(client.begin({}), "a failure is not kept").resolves.toBeDefined();
  });

  test("is not followed elsewhere", async () => {
    const elsewhere = await oidcStandin();
    const standin = await oidcStandin();
    const location = `${elsewhere.issuer}/.well-known/openid-configuration`;
    standin.reply.discovery = () => ({ status: 302, headers: { location }, body: standin.metadata });
    expect(await thrownBy(standin.client().begin({}))).toMatchObject(away("discovery: unreadable (302)"));
    expect(elsewhere.calls).toEqual([]);
  });

  test("of an issuer that nobody answers for means that it is away", async () => {
    const standin = await oidcStandin();
    const client = standin.client();
    await standin.close();
    expect(await thrownBy(client.begin({}))).toMatchObject(away("discovery: network"));
  });

  test.each([
    ["17", 17],
    [new Date(start.getTime() + 42_000).toUTCString(), 42],
    ["86400", 300],
    ["0", 1],
    ["soon", 10],
  ])("says when to come back, within reason: %s", async (said, seconds) => {
    const standin = await oidcStandin();
    standin.reply.discovery = () => ({ status: 503, headers: { "retry-after": said } });
    expect(await thrownBy(standin.client().begin({}))).toMatchObject({ retryAfterSeconds: seconds });
  });
});

describe("oidc settings", () => {
  test.each(["http://login.example/v2.0", "https://login.example/?a=b", "login.example", "https://x/{tenantid}/v2.0"])(
    "that can't be right stop the start: issuer %s",
    async (issuer) => {
      const standin = await oidcStandin();
      expect(() => standin.client({ issuer })).toThrow(Error);
    },
  );

  test("with a certificate that can't be used stop the start, and don't tell the key", async () => {
    const standin = await oidcStandin();
    const [one, other] = [selfSigned(), selfSigned()];
    const start = (certificate: { pem: string; key: string }) => () => standin.client({ credential: { certificate } });
    expect(start({ pem: one.pem, key: "very private" })).toThrow("The private key can't be read as PEM.");
    expect(start({ pem: "nothing", key: one.key })).toThrow("The certificate can't be read as PEM.");
    expect(start({ pem: one.pem, key: other.key })).toThrow("The private key is not the certificate's.");
    expect(start(selfSigned("ed448"))).toThrow("can't be used");
  });
});
