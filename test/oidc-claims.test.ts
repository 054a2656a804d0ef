import fc from "fast-check";
import type { JWTPayload } from "jose";
import { afterEach, describe, expect, test } from "vitest";
import { closeStandins, oidcStandin } from "./support/oidc-standin.ts";

afterEach(closeStandins);

const hostile = (size: number) => Array.from({ length: size }, (_, at) => `group-${at}`);

describe("oidc: what an ID token says of a person", () => {
  const said = async (claims: JWTPayload) => {
    const standin = await oidcStandin();
    return standin.signIn(standin.client(), { claims });
  };

  test.each([
    ['<b>Sara</b> & "co"', '<b>Sara</b> & "co"'],
    ["Sara\r\nSet-Cookie: x\u0000\u001b[31m", "Sara Set-Cookie: x [31m"],
    ["  \u2028Sara\u0085 ", "Sara"],
    ["admin\u202enimda\u2066x\u2069", "admin nimda x"],
    ["سارة المنصوري", "سارة المنصوري"],
    ["x".repeat(5000), "x".repeat(200)],
    ["👩".repeat(300), "👩".repeat(200)],
    ["Sara \ud83d", "Sara \ufffd"],
    ["\n\t", null],
    ["", null],
    [["Sara"], null],
    [{ toString: "Sara" }, null],
    [7, null],
    [null, null],
  ])("is shown as data on one line, whatever the name: %j", async (name, shown) => {
    expect(await said({ name, preferred_username: name })).toMatchObject({ name: shown, preferredUsername: shown });
  });

  test.each([
    ["sara@example.com", "sara@example.com"],
    ["sara@example.com\r\nBcc: all@example.com", null],
    ["sara", null],
    ["a@b@c", null],
    [`${"x".repeat(250)}@example.com`, null],
    [["sara@example.com"], null],
  ])("has an e-mail address or none, never a part of one: %j", async (email, kept) => {
    expect(await said({ email })).toMatchObject({ email: kept });
  });

  test("gives nothing where lists are none", async () => {
    const odd = ["Dais.Auditor", 7, null, { value: "Dais.Administrator" }, "", "x".repeat(257), "a\nb"];
    expect(await said({ roles: odd, groups: "g-1", amr: 7, acrs: { c1: true } })).toMatchObject({
      roles: ["Dais.Auditor"],
      groups: ["g-1"],
      amr: [],
      acrs: [],
    });
    expect(await said({})).toMatchObject({ roles: [], groups: [], amr: [], acrs: [], authTime: null, sid: null });
  });

  test("has 250 groups, where the issuer sends them", async () => {
    expect(await said({ groups: hostile(250) })).toMatchObject({ groups: hostile(250) });
  });

  test.each<[string, JWTPayload]>([
    [
      "they are elsewhere",
      { _claim_names: { groups: "src1" }, _claim_sources: { src1: { endpoint: "https://evil.example" } } },
    ],
    ["they are elsewhere, and some are here", { groups: ["g-1"], _claim_names: { groups: "src1" } }],
    ["there are some", { hasgroups: true }],
  ])("says that there are too many groups: %s", async (_, claims) => {
    expect(await said(claims)).toMatchObject({ groups: "overage" });
  });

  test("has its groups where only other claims are elsewhere", async () => {
    const claims = { groups: ["g-1"], _claim_names: { roles: "src1" } };
    expect(await said(claims)).toMatchObject({ groups: ["g-1"] });
    expect(await said({ _claim_names: ["groups"], hasgroups: "true" })).toMatchObject({ groups: [] });
  });

  test("is a person or a refusal, and never anything else, whatever it says", async () => {
    const standin = await oidcStandin();
    const client = standin.client();
    const names = [
      "sub",
      "oid",
      "tid",
      "sid",
      "iss",
      "aud",
      "azp",
      "exp",
      "nbf",
      "iat",
      "auth_time",
      "nonce",
      "at_hash",
      "name",
    ];
    const more = ["email", "preferred_username", "roles", "groups", "amr", "acrs", "_claim_names", "hasgroups"];
    const claims = fc.dictionary(fc.constantFrom(...names, ...more), fc.jsonValue(), { maxKeys: 3 });
    const outcomes = new Set<string>();
    await fc.assert(
      fc.asyncProperty(claims, async (claims) => {
        const made = standin.signIn(client, { claims: claims as JWTPayload });
        outcomes.add(
          await made.then(
            () => "a person",
            (thrown) => thrown.name,
          ),
        );
      }),
      { numRuns: 300 },
    );
    expect([...outcomes].sort()).toEqual(["SignInRefused", "a person"]);
  });
});
