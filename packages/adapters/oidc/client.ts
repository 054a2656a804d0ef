import { createPrivateKey, X509Certificate } from "node:crypto";
import { sha256 } from "@oslojs/crypto/sha2";
import { encodeBase64, encodeBase64urlNoPadding } from "@oslojs/encoding";
import { SignJWT } from "jose";
import type { Metadata } from "./discovery.ts";
import type { OidcSettings } from "./settings.ts";

/** What a request to the token endpoint carries to prove which client we are. */
export type Proof = { headers: Record<string, string>; fields: Record<string, string> };
export type ClientProof = (metadata: Metadata) => Promise<Proof>;

/**
 * How this client proves itself to the issuer.
 *
 * @throws Error at the start, without the key in it, where a certificate and its key can't be used
 * @see RFC 6749, section 2.3.1 (secret), and RFC 7523, section 2.2 (certificate)
 */
export function clientProof(settings: OidcSettings): ClientProof {
  const { credential } = settings;
  if ("secret" in credential) return async (metadata) => bySecret(settings.clientId, credential, metadata);
  const { key, keyAlgorithms, thumbprint } = readCertificate(credential.certificate);
  return async ({ tokenEndpoint, clientAlgorithms }) => {
    const assertion = await signedAssertion(settings, tokenEndpoint, key, {
      alg: keyAlgorithms.find((one) => clientAlgorithms.includes(one)) ?? (keyAlgorithms[0] as string),
      typ: "JWT",
      "x5t#S256": thumbprint,
    });
    const client_assertion_type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    return {
      headers: {},
      fields: { client_id: settings.clientId, client_assertion_type, client_assertion: assertion },
    };
  };
}

type Secret = { secret: string; sentIn?: "body" | "header" };

function bySecret(clientId: string, { secret, sentIn }: Secret, { clientMethods }: Metadata): Proof {
  const place = sentIn ?? (clientMethods.includes("client_secret_post") ? "body" : "header");
  if (place === "body") return { headers: {}, fields: { client_id: clientId, client_secret: secret } };
  const pair = new TextEncoder().encode(`${formEncoded(clientId)}:${formEncoded(secret)}`);
  return { headers: { authorization: `Basic ${encodeBase64(pair)}` }, fields: {} };
}

const formEncoded = (text: string) => new URLSearchParams([["", text]]).toString().slice(1);

/** Five minutes, for the token endpoint only. @see https://learn.microsoft.com/entra/identity-platform/certificate-credentials */
function signedAssertion(
  { clientId, now, random }: OidcSettings,
  audience: string,
  key: Parameters<SignJWT["sign"]>[0],
  header: Parameters<SignJWT["setProtectedHeader"]>[0],
): Promise<string> {
  const time = Math.floor(now().getTime() / 1000);
  return new SignJWT({ jti: encodeBase64urlNoPadding(random(16)) })
    .setProtectedHeader(header)
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(audience)
    .setIssuedAt(time)
    .setNotBefore(time)
    .setExpirationTime(time + 300)
    .sign(key);
}

function readCertificate(of: { pem: string; key: string }) {
  const key = readable("private key", () => createPrivateKey(of.key));
  const certificate = readable("certificate", () => new X509Certificate(of.pem));
  if (!certificate.checkPrivateKey(key)) throw new Error("The private key is not the certificate's.");
  const keyAlgorithms = { rsa: ["PS256", "RS256"], ec: ["ES256"], ed25519: ["EdDSA"] }[String(key.asymmetricKeyType)];
  const curve = key.asymmetricKeyDetails?.namedCurve ?? "prime256v1";
  if (!keyAlgorithms || curve !== "prime256v1") throw new Error("The certificate's kind of key can't be used.");
  return { key, keyAlgorithms, thumbprint: encodeBase64urlNoPadding(sha256(new Uint8Array(certificate.raw))) };
}

function readable<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch {
    throw new Error(`The ${what} can't be read as PEM.`);
  }
}
