/** The level of proof that `acrs` asks for: a second factor. */
const secondFactor = "c1";

/** What a client hands on to the authorization endpoint, so that the person proves it. */
export const secondFactorChallenge = JSON.stringify({
  access_token: { acrs: { essential: true, value: secondFactor } },
});

type Request = Record<string, unknown>;
type AskedFor = { essential?: unknown; value?: unknown; values?: unknown };

/**
 * An authorization request as the provider underneath understands it: without what is only Entra ID's, and with what Entra ID
 * does without being asked (a `sid` in each ID token; `offline_access` without a page that asks for consent).
 */
export function translated(query: URLSearchParams): URLSearchParams {
  const translation = new URLSearchParams(query);
  const scopes = (query.get("scope") ?? "").split(" ");
  translation.delete("offline");
  if (scopes.includes("offline_access")) translation.set("offline", "yes");
  if (scopes.includes("openid")) translation.set("claims", withSid(query.get("claims")));
  return translation;
}

/** Whether a `claims` parameter wants a second factor. What can't be read wants nothing. */
export function wantsSecondFactor(claims: unknown): boolean {
  const { id_token, access_token } = parsed(claims) ?? {};
  return [id_token, access_token].some((part) => {
    const { value, values } = ((part as Request | null | undefined)?.acrs ?? {}) as AskedFor;
    return value === secondFactor || (Array.isArray(values) && values.includes(secondFactor));
  });
}

/** A client may ask for its claims in either token (a challenge comes from an API, a capability is `xms_cc`): one place here. */
function withSid(claims: string | null): string {
  const request = claims === null ? {} : parsed(claims);
  if (!request) return claims as string;
  const { access_token: elsewhere, id_token: here, ...rest } = request as Record<string, Request | undefined>;
  const acrs = here?.acrs ?? elsewhere?.acrs;
  return JSON.stringify({ ...rest, id_token: { ...here, ...(acrs === undefined ? {} : { acrs }), sid: null } });
}

function parsed(claims: unknown): Request | null {
  try {
    const value = typeof claims === "string" ? JSON.parse(claims) : null;
    return typeof value === "object" && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}
