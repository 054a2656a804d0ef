import { afterEach, describe, expect, test } from "vitest";
import {
  away,
  closeStandins,
  logoutToken,
  oid,
  oidcStandin,
  refused,
  signingKey,
  thrownBy,
} from "./support/oidc-standin.ts";

afterEach(closeStandins);

const rs = await signingKey("RS256");

describe("oidc: the issuer's keys", () => {
  test("may change while somebody is at the sign-in page", async () => {
    const standin = await oidcStandin();
    const client = standin.client();
    await standin.signIn(client);
    standin.later(31);
    const begun = await client.begin({});
    standin.keys = [rs.jwk];
    await standin.answers({ key: rs }, begun.nonce);
    await expect(client.finish(new URLSearchParams({ code: "c", state: begun.state }), begun)).resolves.toBeDefined();
    expect(standin.asked("/keys")).toBe(2);
  });

  test("are not fetched again for each stranger's token: at most every 30 seconds", async () => {
    const standin = await oidcStandin();
    const client = standin.client();
    await standin.signIn(client);
    for (const seconds of [0, 10, 10, 9]) {
      standin.later(seconds);
      expect(await thrownBy(standin.signIn(client, { key: rs }))).toMatchObject(refused("token: unknown key"));
    }
    expect(standin.asked("/keys")).toBe(1);
    standin.later(1);
    expect(await thrownBy(standin.signIn(client, { key: rs }))).toMatchObject(refused("token: unknown key"));
    expect(await thrownBy(standin.signIn(client, { key: rs }))).toMatchObject(refused("token: unknown key"));
    expect(standin.asked("/keys")).toBe(2);
    await expect(standin.signIn(client), "who has a known key comes in").resolves.toMatchObject({ oid });
  });

  test("are fetched once for however many who need them at the same time", async () => {
    const standin = await oidcStandin();
    const client = standin.client();
    const token = await logoutToken(standin);
    await Promise.all(Array.from({ length: 10 }, () => client.logoutToken(token)));
    expect(standin.asked("/keys")).toBe(1);
    standin.later(31);
    standin.keys = [rs.jwk];
    const newer = await logoutToken(standin, {}, { key: rs });
    await Promise.all(Array.from({ length: 10 }, () => client.logoutToken(newer)));
    expect(standin.asked("/keys")).toBe(2);
  });

  test("work no longer than ten minutes after the issuer took them back", async () => {
    const standin = await oidcStandin();
    const client = standin.client();
    await standin.signIn(client);
    standin.keys = [rs.jwk];
    standin.later(599);
    await expect(standin.signIn(client)).resolves.toMatchObject({ oid });
    standin.later(1);
    expect(await thrownBy(standin.signIn(client))).toMatchObject(refused("token: unknown key"));
  });

  test.each([
    ["broken", { status: 500 }, "keys: 500"],
    ["gone", { status: 404, body: { keys: [] } }, "keys: unreadable (404)"],
    ["no JSON", { body: "<html>" }, "keys: unreadable (200)"],
    ["no list", { body: { keys: {} } }, "keys: unreadable (200)"],
    ["too many", { body: { keys: Array(101).fill({ kty: "RSA" }) } }, "keys: unreadable (200)"],
    ["endless", { body: " ".repeat(300_000) }, "keys: size"],
    ["silence", { hang: true as const }, "keys: time"],
    ["moved", { status: 302, headers: { location: "https://evil.example/keys" } }, "keys: unreadable (302)"],
  ])("that can't be read mean that the issuer is away: %s", async (_, answer, reason) => {
    const standin = await oidcStandin();
    const client = standin.client({ timeoutMs: 300 });
    standin.reply.keys = () => answer;
    expect(await thrownBy(standin.signIn(client))).toMatchObject(away(reason));
    delete standin.reply.keys;
    await expect(standin.signIn(client), "a failure is not kept").resolves.toMatchObject({ oid });
  });

  test("are passed over where they are none", async () => {
    const standin = await oidcStandin();
    standin.keys = [null, "key", { kid: 7 }, { kty: "RSA" }, { kty: "new" }, standin.key.jwk];
    await expect(standin.signIn(standin.client())).resolves.toMatchObject({ oid });
  });
});
