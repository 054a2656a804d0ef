import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { idOf } from "@dais/contracts/kit/ids";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { SignedXml } from "xml-crypto";
import { alertXml, infoXml } from "./support/cap/documents.ts";
import { outcomes, sendCap } from "./support/cap/door.ts";
import { type Place, place } from "./support/place.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";

const rsa = (modulusLength = 2048) => generateKeyPairSync("rsa", { modulusLength });
const pemOf = (key: KeyObject) => key.export({ type: "spki", format: "pem" }).toString();
const sender = "alerts@met.example.org";
const [ours, theirs] = [rsa(), rsa()];

let url: string;
let here: Place;
let api: RestClient;

beforeAll(async () => {
  url = (await startServer()).url;
});
beforeEach(async () => {
  here = await place();
  api = restClient(url, await here.key());
});

const trust = (...keys: KeyObject[]) => trustPem(...keys.map(pemOf));
const trustPem = (...keys: string[]) =>
  api.patch(`/organisations/${idOf("org", here.tenantId)}`, {
    version: 1,
    signals: { signers: keys.map((key) => ({ sender, key })) },
  });

const dsig = "http://www.w3.org/2001/04/xmldsig-more#";
type How = { key?: KeyObject; method?: string; digest?: string; of?: string; certificate?: string };

/** A document signed as CAP 1.2 wants it: an enveloped signature over all of it. */
function signed(document: string, how: How = {}): string {
  const { key = ours.privateKey, method = `${dsig}rsa-sha256`, of = "/*" } = how;
  const signer = new SignedXml({
    privateKey: key.export({ type: "pkcs8", format: "pem" }),
    signatureAlgorithm: method as never,
    canonicalizationAlgorithm: "http://www.w3.org/2001/10/xml-exc-c14n#",
    ...(how.certificate && { publicCert: how.certificate }),
  });
  signer.addReference({
    xpath: of,
    isEmptyUri: of === "/*",
    digestAlgorithm: (how.digest ?? "http://www.w3.org/2001/04/xmlenc#sha256") as never,
    transforms: [
      "http://www.w3.org/2000/09/xmldsig#enveloped-signature",
      "http://www.w3.org/2001/10/xml-exc-c14n#",
    ] as never,
  });
  signer.computeSignature(document, { prefix: "ds", location: { reference: "/*", action: "append" } });
  return signer.getSignedXml();
}
const alert = (fields: Record<string, string> = {}) => alertXml({ sender, ...fields }, infoXml());
const kept = async () =>
  (await api.get("/signals/alerts")).body.items.map((one: { signature: string }) => one.signature);
/** What is said of a document that is refused; nothing of it is kept. */
async function refusal(document: string): Promise<string[]> {
  const { status, body } = await sendCap(api, document);
  expect(await kept()).toEqual([]);
  return [`${status} ${body.code}`, ...body.findings.map(({ code }: { code: string }) => code)];
}
const wrong = ["422 signal_cap_invalid", "signature_wrong"];

describe("alerts of a sender whose keys are known", () => {
  test("200: verified, by any of them", async () => {
    await trust(theirs.publicKey, ours.publicKey);
    expect(outcomes(await sendCap(api, signed(alert())))).toEqual([["created"]]);
    expect(await kept()).toEqual(["verified"]);
  });

  test("200: verified with SHA-512, and with everything in another order of white space", async () => {
    await trust(ours.publicKey);
    const document = signed(alert(), {
      method: `${dsig}rsa-sha512`,
      digest: "http://www.w3.org/2001/04/xmlenc#sha512",
    });
    expect(outcomes(await sendCap(api, document.replace("<alert", "<alert  ")))).toEqual([["created"]]);
    expect(await kept()).toEqual(["verified"]);
  });

  test("422: signed by somebody else, also where the signature brings a key along", async () => {
    await trust(ours.publicKey);
    expect(await refusal(signed(alert(), { key: theirs.privateKey }))).toEqual(wrong);
    expect(await refusal(signed(alert(), { key: theirs.privateKey, certificate: pemOf(theirs.publicKey) }))).toEqual(
      wrong,
    );
  });

  test.each([
    ["the text", "Severe", "Extreme"],
    ["the sender's words", "<event>", "<event>No "],
    ["a field that is added", "</sent>", "</sent><!-- -->"],
  ])("422 or verified: %s changed after it was signed", async (_, from, to) => {
    await trust(ours.publicKey);
    const document = signed(alert());
    const changed = document.replace(from, to);
    expect(changed).not.toBe(document);
    // A comment says nothing, and is not signed either.
    if (to.includes("<!--")) expect(outcomes(await sendCap(api, changed))).toEqual([["created"]]);
    else expect(await refusal(changed)).toEqual(wrong);
  });

  test("422: a signature of only a part of it", async () => {
    await trust(ours.publicKey);
    expect(await refusal(signed(alert(), { of: "//*[local-name(.)='info']" }))).toContain("signature_wrong");
  });

  test("422: a good signature of another alert", async () => {
    await trust(ours.publicKey);
    const signature = /<ds:Signature[\s\S]*<\/ds:Signature>/.exec(signed(alert()))?.[0] as string;
    expect(await refusal(alertXml({ sender, identifier: "another" }, infoXml(), signature))).toEqual(wrong);
  });

  test("200: unverified by what proves nothing: SHA-1, or a MAC with the public key", async () => {
    await trust(ours.publicKey);
    const sha1 = signed(alert(), { method: "http://www.w3.org/2000/09/xmldsig#rsa-sha1" });
    expect(outcomes(await sendCap(api, sha1))).toEqual([["created", "signature_unverified"]]);
    const mac = signed(alert({ identifier: "another" })).replace(
      `${dsig}rsa-sha256`,
      "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
    );
    expect(outcomes(await sendCap(api, mac))).toMatchObject([[expect.any(String), "signature_unverified"]]);
    expect(await kept()).toEqual(["unverified", "unverified"]);
  });

  test("200: unverified where others' keys are known, or alerts come together", async () => {
    await trust(ours.publicKey);
    expect(outcomes(await sendCap(api, signed(alert({ sender: "other@met.example.org" }))))).toEqual([
      ["created", "signature_unverified"],
    ]);
    const two = `<alerts>${[signed(alert({ identifier: "a" })), signed(alert({ identifier: "b" }))]
      .map((one) => one.replace(/<\?xml.*?\?>/, ""))
      .join("")}</alerts>`;
    await sendCap(api, two);
    expect(await kept()).toEqual(["unverified", "unverified", "unverified"]);
  });
});

describe("keys of signers", () => {
  const pkcs8 = createPrivateKey(ours.privateKey.export({ type: "pkcs8", format: "pem" }));
  test.each([
    ["one of 1024 bits", pemOf(rsa(1024).publicKey), "has less than 2048 bits"],
    ["one for an elliptic curve", pemOf(generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey), "is no RSA key"],
    [
      "something else in its envelope",
      "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
      "is no certificate or public key in PEM",
    ],
  ])("422 organisation_signer_invalid: %s", async (_, key, reason) => {
    const answer = await trustPem(pemOf(ours.publicKey), key);
    expect(answer).toMatchObject({ status: 422, body: { code: "organisation_signer_invalid", position: 1, reason } });
  });

  test("400: a private key is not even read", async () => {
    const answer = await trustPem(pkcs8.export({ type: "pkcs8", format: "pem" }).toString());
    expect(answer).toMatchObject({ status: 400, body: { code: "invalid_input" } });
    expect(JSON.stringify(answer.body)).not.toContain("PRIVATE KEY-----\n");
  });
});
