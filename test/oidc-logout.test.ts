import { IssuerAway, SignInRefused } from "@dais/adapters/oidc";
import type { JWTPayload } from "jose";
import { afterEach, describe, expect, test } from "vitest";
import {
  closeStandins,
  logoutEvent,
  logoutToken,
  oidcStandin,
  refused,
  signingKey,
  start,
  thrownBy,
} from "./support/oidc-standin.ts";

afterEach(closeStandins);

const now = Math.floor(start.getTime() / 1000);
const rs = await signingKey("RS256");
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

describe("oidc.logoutToken", () => {
  test("tells whose session is over", async () => {
    const standin = await oidcStandin();
    expect(await standin.client().logoutToken(await logoutToken(standin))).toEqual({
      issuer: standin.issuer,
      sid: "session-1",
      sub: "pairwise-1",
      jti: "jti-1",
      issuedAt: start,
      expiresAt: new Date(start.getTime() + 120_000),
    });
  });

  test.each<[string, JWTPayload, object, object]>([
    ["a session alone", { sub: undefined }, {}, { sid: "session-1", sub: null }],
    ["a subject alone", { sid: undefined }, {}, { sid: null, sub: "pairwise-1" }],
    ["no type", {}, { header: { typ: undefined } }, { sid: "session-1" }],
    ["the type of every token", {}, { header: { typ: "JWT" } }, { sid: "session-1" }],
  ])("takes one with %s", async (_, claims, more, notice) => {
    const standin = await oidcStandin();
    expect(await standin.client().logoutToken(await logoutToken(standin, claims, more))).toMatchObject(notice);
  });

  test.each<[string, JWTPayload, string]>([
    ["a nonce: an ID token", { nonce: "n" }, "token: an ID token"],
    ["no event", { events: undefined }, "token: not the event"],
    ["another event", { events: { "http://schemas.openid.net/event/other": {} } }, "token: not the event"],
    ["an event that is none", { events: { [logoutEvent]: true } }, "token: not the event"],
    ["events in a list", { events: [logoutEvent] }, "token: not the event"],
    ["neither session nor subject", { sid: undefined, sub: undefined }, "token: neither session nor subject"],
    ["a session that is none", { sid: { all: true } }, "token: claim sid"],
    ["no jti", { jti: undefined }, "token: claim jti"],
    ["another audience", { aud: "other" }, "token: claim aud"],
    ["another issuer", { iss: "https://evil.example" }, "token: another issuer"],
    ["no end", { exp: undefined }, "token: claim exp"],
    ["its end behind it", { exp: now - 60 }, "token: expired"],
    ["no time of issue", { iat: undefined }, "token: claim iat"],
    ["a time of issue ahead", { iat: now + 61 }, "token: issued in the future"],
  ])("refuses one with %s", async (_, claims, reason) => {
    const standin = await oidcStandin();
    expect(await thrownBy(standin.client().logoutToken(await logoutToken(standin, claims)))).toMatchObject(
      refused(reason),
    );
  });

  test.each<[string, object, string]>([
    ["that is an access token", { header: { typ: "at+jwt" } }, "token: another type"],
    ["by somebody else's key", { key: rs }, "token: unknown key"],
    ["by somebody else's key under the issuer's name", { key: { ...rs, kid: "known" } }, "token: signature"],
  ])("refuses one %s", async (_, more, reason) => {
    const standin = await oidcStandin();
    standin.keys = [{ ...standin.key.jwk, kid: "known" }];
    standin.key = { ...standin.key, kid: "known" };
    expect(await thrownBy(standin.client().logoutToken(await logoutToken(standin, {}, more)))).toMatchObject(
      refused(reason),
    );
  });

  test("refuses one that nobody signed, that is endless, or that is none", async () => {
    const standin = await oidcStandin();
    const [, payload] = (await logoutToken(standin)).split(".");
    const client = standin.client();
    expect(await thrownBy(client.logoutToken(`${part({ alg: "none" })}.${payload}.`))).toMatchObject(
      refused("token: algorithm not allowed"),
    );
    expect(await thrownBy(client.logoutToken(`${"x".repeat(70_000)}.y.z`))).toMatchObject(
      refused("token: missing or too long"),
    );
    for (const text of ["", "x", "a.b.c", "null"])
      expect(await thrownBy(client.logoutToken(text)), text).toBeInstanceOf(SignInRefused);
    expect(standin.asked("/keys"), "none of them was worth a question").toBe(0);
  });

  test("can't be judged while the issuer is away", async () => {
    const standin = await oidcStandin();
    standin.reply.keys = () => ({ status: 503, headers: { "retry-after": "7" } });
    const thrown = await thrownBy(standin.client().logoutToken(await logoutToken(standin)));
    expect(thrown).toBeInstanceOf(IssuerAway);
    expect(thrown).toMatchObject({ retryAfterSeconds: 7 });
  });
});
