import { randomBytes } from "node:crypto";
import { directory } from "@dais/demo/directory";
import { apiClientId, applications } from "@dais/demo/programs";
import { type Issuer, startIssuer } from "@dais/issuer";
import { freePort } from "@dais/local/port";
import type { SignInSettings } from "../auth/settings.ts";
import type { Config } from "../config.ts";
import { resourcesOf } from "../protected-resource.ts";

/** Fixed, so that a browser's session at the issuer means the same application after a restart. */
const clientId = apiClientId;

/**
 * The identity provider of the demo: it speaks as Entra ID does, and knows the demo's people. It starts once it is known where the server
 * answers, because an issuer sends people back only to addresses that it knows.
 * @param started Is given each issuer that was started
 */
export function demoIssuer(config: Config, started: (issuer: Issuer) => void) {
  return async (publicUrl: string): Promise<SignInSettings> => {
    const clientSecret = randomBytes(32).toString("base64url");
    const issuer = await startIssuer({
      nodeEnv: config.NODE_ENV,
      port: await freePort(Number(new URL(publicUrl).port || 3000) + 1),
      tenants: [directory],
      clients: [
        {
          ...{ clientId, clientSecret },
          redirectUris: [`${publicUrl}/auth/callback`],
          postLogoutRedirectUris: [`${publicUrl}/auth/signed-out`],
          frontchannelLogoutUri: `${publicUrl}/auth/front-channel-logout`,
          backchannelLogoutUri: `${publicUrl}/auth/back-channel-logout`,
        },
        ...applications,
      ],
      apis: [
        {
          ...{ clientId, uri: `api://${clientId}`, scopes: ["access", "read"] },
          resources: resourcesOf(publicUrl),
        },
      ],
    });
    started(issuer);
    return {
      issuer: issuer.issuerOf(directory.tid),
      clientId,
      credential: { secret: clientSecret },
      scopes: ["openid", "profile", "email", "offline_access", "User.Read"],
      graphUrl: issuer.graphUrl,
    };
  };
}
