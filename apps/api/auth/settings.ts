import { readFileSync } from "node:fs";
import type { OidcSettings } from "@dais/adapters/oidc";
import type { Config } from "../config.ts";

/** How people sign in: who vouches for them, and where groups are asked for that no token can hold. */
export type SignInSettings = Pick<OidcSettings, "issuer" | "clientId" | "credential" | "scopes"> & {
  graphUrl: string | null;
};

/** What the settings say of sign-in, or null where nobody can: no issuer is configured. */
export function signInSettings(config: Config): SignInSettings | null {
  if (config.OIDC_ISSUER) {
    return {
      issuer: config.OIDC_ISSUER,
      clientId: config.OIDC_CLIENT_ID as string,
      credential: { secret: config.OIDC_CLIENT_SECRET ?? "" },
      graphUrl: null,
    };
  }
  if (!config.ENTRA_TENANT_ID) return null;
  return {
    issuer: `${config.ENTRA_URL.replace(/\/$/, "")}/${config.ENTRA_TENANT_ID}/v2.0`,
    clientId: config.ENTRA_CLIENT_ID as string,
    credential: config.ENTRA_CERTIFICATE_FILE
      ? certificateIn(config.ENTRA_CERTIFICATE_FILE)
      : { secret: config.ENTRA_CLIENT_SECRET as string },
    scopes: ["openid", "profile", "email", "offline_access", `${config.GRAPH_URL}/User.Read`],
    graphUrl: config.GRAPH_URL,
  };
}

/** @throws Error that names the setting where the file can't be used */
function certificateIn(path: string): { certificate: { pem: string; key: string } } {
  const text = readFileSync(path, "utf8");
  const [pem] = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/.exec(text) ?? [];
  const [key] =
    /-----BEGIN (?:RSA |EC )?PRIVATE KEY-----[\s\S]+?-----END (?:RSA |EC )?PRIVATE KEY-----/.exec(text) ?? [];
  if (!pem || !key) throw new Error("ENTRA_CERTIFICATE_FILE must hold a certificate and its private key, in PEM.");
  return { certificate: { pem, key } };
}
