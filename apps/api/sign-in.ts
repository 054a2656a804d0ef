import { accessTokens, oidcClient } from "@dais/adapters/oidc";
import { directoryKnown } from "@dais/kernel/directory";
import type { Kernel } from "@dais/kernel/dispatch";
import type { Gate } from "@dais/kernel/gate";
import type { Sources } from "@dais/kernel/ids";
import type { Pool } from "@dais/kernel/pool";
import type { Renew } from "@dais/kernel/renewal";
import { type SealingKey, sealer as sealerOf } from "@dais/kernel/seal";
import type { Sessions } from "@dais/kernel/sessions";
import type { ReadToken } from "@dais/kernel/tokens";
import type { Hono } from "hono";
import type { Logger } from "pino";
import { signIns as signInsOf } from "./auth/identity.ts";
import { renewing } from "./auth/renew.ts";
import type { SignInSettings } from "./auth/settings.ts";
import { auth } from "./auth.ts";
import { resourcesOf } from "./protected-resource.ts";
import type { Env } from "./request.ts";

type Parts = {
  settings: SignInSettings;
  publicUrl: string;
  pool: Pool;
  kernel: Kernel;
  gate: Gate;
  sessions: Sessions;
  sealKeys: readonly SealingKey[];
  sessionHours: number;
  sources: Sources;
  log: Logger;
};

/** All that the issuer is asked for, put together: sign-in's routes, what keeps sessions fresh afterwards, and its tokens. */
export function signIn(parts: Parts): { routes: Hono<Env>; renew: Renew; tokens: ReadToken } {
  const { settings, publicUrl, pool, kernel, gate, sessions, sources, log } = parts;
  const sealer = sealerOf(parts.sealKeys);
  const { graphUrl, ...issuer } = settings;
  const redirectUri = `${publicUrl}/auth/callback`;
  const client = (allowedTid: (tid: string) => Promise<boolean>) =>
    oidcClient({ ...issuer, redirectUri, allowedTid, now: sources.now, random: sources.random, log });
  const oidc = client((tid) => directoryKnown(pool, tid));
  // A renewal keeps what the issuer gave before it asks the database anything, also whether the directory is still welcome.
  const renewer = client(async () => true);
  const all = { oidc, kernel, sessions, pool, sealer, sources, graphUrl, hours: parts.sessionHours };
  const signIns = signInsOf(all);
  const issuerOrigin = new URL(settings.issuer).origin;
  return {
    routes: auth({ signIns, oidc, kernel, sessions, gate, sealer, now: sources.now, publicUrl, issuerOrigin, log }),
    renew: renewing({ ...all, oidc: renewer }, signIns, log),
    tokens: accessTokens({
      ...{ issuer: settings.issuer, clientId: settings.clientId, now: sources.now, log },
      audiences: resourcesOf(publicUrl),
      allowedTid: (tid) => directoryKnown(pool, tid),
    }),
  };
}
