import { createPublicKey, type KeyObject } from "node:crypto";
import { capDifferences } from "./canonical.ts";
import type { CapAlert } from "./model.ts";
import { readCap } from "./read.ts";

/**
 * What became of checking the signatures of an alert: `verified` by one of the keys and of all that the alert says, `wrong` by each of them,
 * or `unverified` where it can't be told: an algorithm that isn't taken, or a document that is more than the alert.
 */
export type SignatureState = "verified" | "wrong" | "unverified";

const dsig = "http://www.w3.org/2001/04/xmldsig-more#";
const enc = "http://www.w3.org/2001/04/xmlenc#";
/** SHA-1 is broken, and a MAC is no signature: whoever can check it can make it. */
const digests = [`${enc}sha256`, `${enc}sha512`];
const signatures = [`${dsig}rsa-sha256`, `${dsig}rsa-sha512`];
/** Past that, a document is not checked: it is held in memory as a tree, several times its size. */
const mostCharacters = 2_000_000;
const leastBits = 2048;

/**
 * Reads a certificate or public key in PEM.
 * @throws Error, in words for whoever gave it, where it is none, no RSA, or one of less than 2048 bits
 */
export function readKey(pem: string): KeyObject {
  let key: KeyObject;
  if (pem.includes("PRIVATE KEY")) throw new Error("is a private key: only the public one belongs here");
  try {
    key = createPublicKey(pem);
  } catch {
    throw new Error("is no certificate or public key in PEM");
  }
  if (key.asymmetricKeyType !== "rsa") throw new Error("is no RSA key");
  if ((key.asymmetricKeyDetails?.modulusLength ?? 0) < leastBits) throw new Error(`has less than ${leastBits} bits`);
  return key;
}

/**
 * Checks the enveloped signatures of a document that is one alert, by the keys that are known of its sender; never by one that the
 * document brings along. Verified is an alert only if what was signed says the same as it: a signature of something else in it proves nothing.
 * @param xml the whole document, without a DTD: as `readCap` has read it
 * @see CAP 1.2, 3.3.2.1; W3C XML Signature 1.1, section 3.2
 */
export async function checkSignature(xml: string, alert: CapAlert, keys: readonly string[]): Promise<SignatureState> {
  if (keys.length === 0 || xml.length > mostCharacters) return "unverified";
  const { SignedXml } = await import("xml-crypto");
  let state: SignatureState = "unverified";
  for (const signature of alert.signatures) {
    for (const pem of keys) {
      const check = new SignedXml({
        publicCert: readKey(pem).export({ type: "spki", format: "pem" }),
        getCertFromKeyInfo: () => null,
      });
      check.SignatureAlgorithms = only(check.SignatureAlgorithms, signatures);
      check.HashAlgorithms = only(check.HashAlgorithms, digests);
      const its = judged(check, xml, signature.xml, alert);
      if (its === "verified") return "verified";
      if (its === "wrong") state = "wrong";
    }
  }
  return state;
}

type Check = InstanceType<typeof import("xml-crypto").SignedXml>;

const only = <T>(all: Record<string, T>, names: readonly string[]) =>
  Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name))) as Record<string, T>;

function judged(check: Check, xml: string, signature: string, alert: CapAlert): SignatureState {
  if (!taken(signature)) return "unverified";
  try {
    check.loadSignature(signature);
    if (!check.checkSignature(xml)) return "wrong";
    return check.getSignedReferences().some((signed) => saysTheSame(signed, alert)) ? "verified" : "wrong";
  } catch {
    // It says so of what was changed and of what it can't read; none of it was signed by this key.
    return "wrong";
  }
}

/** Whether all algorithms that a signature names are taken. */
function taken(signature: string): boolean {
  const named = (element: string) =>
    [
      ...signature.matchAll(new RegExp(`<(?:[\\w.-]+:)?${element}\\s[^>]*?Algorithm\\s*=\\s*["']([^"']*)["']`, "g")),
    ].map(([, name]) => name ?? "");
  const [methods, hashes] = [named("SignatureMethod"), named("DigestMethod")];
  return (
    methods.length === 1 &&
    hashes.length > 0 &&
    methods.every((name) => signatures.includes(name)) &&
    hashes.every((name) => digests.includes(name))
  );
}

function saysTheSame(signed: string, alert: CapAlert): boolean {
  const { alerts } = readCap(signed, { lenient: true });
  return alerts.length === 1 && capDifferences(alerts[0] as CapAlert, alert).length === 0;
}
