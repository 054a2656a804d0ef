import { createPublicKey, X509Certificate } from "node:crypto";
import type { ClientMetadata } from "oidc-provider";
import { onBehalfOfType } from "./on-behalf-of.ts";
import type { IssuerClient } from "./types.ts";

/** The registration as the provider underneath knows it; the same in all directories. */
export function metadataOf(client: IssuerClient): ClientMetadata {
  const { clientId, clientSecret, certificate, redirectUris } = client;
  const confidential = clientSecret !== undefined || certificate !== undefined;
  const signsIn = redirectUris.length > 0;
  return {
    client_id: clientId,
    ...(certificate
      ? { token_endpoint_auth_method: "private_key_jwt", jwks: { keys: [publicKeyOf(certificate)] } }
      : clientSecret
        ? { token_endpoint_auth_method: "client_secret_post", client_secret: clientSecret }
        : { token_endpoint_auth_method: "none", application_type: "native" }),
    redirect_uris: [...redirectUris],
    response_types: signsIn ? ["code"] : [],
    grant_types: [
      ...(signsIn ? ["authorization_code"] : []),
      "refresh_token",
      ...(confidential ? ["client_credentials", onBehalfOfType] : []),
    ],
  };
}

function publicKeyOf(pem: string) {
  const key = pem.includes("CERTIFICATE") ? new X509Certificate(pem).publicKey : createPublicKey(pem);
  return { ...key.export({ format: "jwk" }), use: "sig" };
}
