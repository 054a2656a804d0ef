import { isObject } from "../http.ts";
import type { ClientProof } from "./client.ts";
import type { Metadata } from "./discovery.ts";
import { IssuerAway, SignInRefused } from "./errors.ts";
import type { AskIssuer } from "./fetch.ts";
import type { OidcSettings, Tokens } from "./settings.ts";

/** The issuer's refusal by its code, cut to what such a code may be: it goes into logs. */
export type Refused = { refused: string };
export type Exchange = (metadata: Metadata, grant: Record<string, string>) => Promise<Tokens | Refused>;

const mostLength = 64 * 1024;
const yearSeconds = 31_536_000;
/** Our own credential, or the issuer's bad day: nothing that the person did. */
const notThePersons = new Set(["invalid_client", "unauthorized_client", "temporarily_unavailable", "server_error"]);

/**
 * Trades a grant for tokens. The request is ours, not arctic's, whose own has no limits, follows redirects and knows no certificates.
 *
 * @throws IssuerAway also where the issuer refuses this client rather than the grant
 * @throws SignInRefused where the tokens are none
 * @see RFC 6749, sections 5.1 and 5.2
 */
export function tokenEndpoint(settings: OidcSettings, askIssuer: AskIssuer, proof: ClientProof): Exchange {
  const { now, log } = settings;
  return async (metadata, grant) => {
    const { headers, fields } = await proof(metadata);
    const body = new URLSearchParams({ ...grant, ...fields });
    const answer = await askIssuer("token endpoint", metadata.tokenEndpoint, { method: "POST", headers, body });
    if (!isObject(answer.body)) throw new IssuerAway(`token endpoint: unreadable (${answer.status})`);
    if (answer.status === 200) return read(answer.body, now());
    const refused = codeOf(answer.body.error);
    if (refused === null) throw new IssuerAway(`token endpoint: ${answer.status}`);
    if (!notThePersons.has(refused)) return { refused };
    log.error({ error: refused }, "the issuer refuses this client");
    throw new IssuerAway(`token endpoint: ${refused}`);
  };
}

/** An error code as the standard writes them, or null. @see RFC 6749, section 5.2 */
export const codeOf = (error: unknown): string | null =>
  typeof error === "string" && /^[a-z_]{1,60}$/.test(error) ? error : null;

function read(body: Record<string, unknown>, now: Date): Tokens {
  const idToken = text(body.id_token);
  if (idToken === null) throw new SignInRefused("tokens: no ID token");
  const accessToken = text(body.access_token);
  if (accessToken !== null && String(body.token_type).toLowerCase() !== "bearer")
    throw new SignInRefused("tokens: not of type Bearer");
  const seconds = Number(body.expires_in);
  const known = accessToken !== null && seconds > 0;
  return {
    idToken,
    accessToken,
    accessExpiresAt: known ? new Date(now.getTime() + Math.min(seconds, yearSeconds) * 1000) : null,
    refreshToken: text(body.refresh_token),
  };
}

function text(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== "string" || value === "" || value.length > mostLength)
    throw new SignInRefused("tokens: one that is none");
  return value;
}
