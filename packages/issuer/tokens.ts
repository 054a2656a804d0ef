import { createHash, randomUUID } from "node:crypto";
import { decodeJwt } from "jose";
import type { KoaContextWithOIDC } from "oidc-provider";
import { pairwise } from "./claims.ts";
import type { Directory, World } from "./world.ts";

/** What a token endpoint answers. */
export type Tokens = {
  token_type: string;
  expires_in: number;
  ext_expires_in: number;
  access_token: string;
  id_token?: string;
  refresh_token?: string;
  scope?: string;
  client_info?: string;
};

type Refusal = { error: string; error_description?: string };

/** Turns the provider's answer at the token endpoint into Entra ID's. */
export async function finishTokens(world: World, directory: Directory, ctx: KoaContextWithOIDC): Promise<void> {
  const body = ctx.body as Partial<Tokens> & Partial<Refusal>;
  if (typeof body?.error === "string") {
    ctx.body = { ...refusal(body as Refusal), ...(ctx.state.refusal as object | undefined) };
  } else if (typeof body?.access_token === "string") {
    const tokens = await finished(world, directory, body as Tokens);
    ctx.body = world.tamper ? await world.tamper(tokens) : tokens;
  }
}

async function finished(world: World, directory: Directory, tokens: Tokens): Promise<Tokens> {
  // `offline_access` shows in the refresh token, not in what the access token may do.
  const scope = tokens.scope?.split(" ").filter((one) => one !== "offline_access");
  const answer: Tokens = {
    ...tokens,
    token_type: "Bearer",
    ext_expires_in: tokens.expires_in,
    scope: scope?.join(" "),
  };
  if (tokens.id_token === undefined) return answer;
  const claims = decodeJwt(tokens.id_token);
  // The provider knows a person by the object id.
  const oid = String(claims.sub);
  return {
    ...answer,
    id_token: await world.keys.sign({
      ...claims,
      sub: pairwise(directory, oid, String(claims.aud)),
      nbf: claims.iat,
      at_hash: halfHash(tokens.access_token),
      uti: randomUUID(),
    }),
    client_info: Buffer.from(JSON.stringify({ uid: oid, utid: directory.tid })).toString("base64url"),
  };
}

/** @see OpenID Connect Core 3.1.3.6 */
function halfHash(accessToken: string): string {
  const digest = createHash("sha256").update(accessToken, "ascii").digest();
  return digest.subarray(0, digest.byteLength / 2).toString("base64url");
}

const codes: Record<string, number> = {
  invalid_grant: 70000,
  invalid_client: 7000215,
  invalid_request: 900144,
  invalid_scope: 70011,
  invalid_target: 500011,
  interaction_required: 50076,
  unsupported_grant_type: 70003,
};

/** @see https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes */
function refusal({ error, error_description }: Refusal) {
  const code = codes[error] ?? 90000;
  return {
    error,
    error_description: `AADSTS${code}: ${error_description ?? error}`,
    error_codes: [code],
    timestamp: new Date().toISOString(),
    trace_id: randomUUID(),
    correlation_id: randomUUID(),
  };
}
