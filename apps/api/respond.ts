import type { Answer } from "@dais/kernel/dispatch";
import type { Limit } from "@dais/kernel/gate";
import { type Problem, problemDocument } from "@dais/kernel/problem";
import type { Caller } from "./request.ts";

/** What keeps a browser from making something else of an answer than it is. As hono/secure-headers has them. */
const protective = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "origin-agent-cluster": "?1",
  "referrer-policy": "no-referrer",
  "strict-transport-security": "max-age=15552000; includeSubDomains",
  "x-content-type-options": "nosniff",
  "x-dns-prefetch-control": "off",
  "x-download-options": "noopen",
  "x-frame-options": "SAMEORIGIN",
  "x-permitted-cross-domain-policies": "none",
  "x-xss-protection": "0",
};
const complete = new WeakSet<Response>();

/**
 * An answer with all of its fields in one plain object, which the HTTP server sends as it is. Fields that are set later make a web
 * Headers of it, which costs as much as all the rest of the face.
 */
export function respond(
  caller: Caller,
  status: number,
  body: string | Uint8Array | ReadableStream<Uint8Array> | null,
  headers: Record<string, string>,
): Response {
  const all = { ...protective, "x-request-id": caller.requestId, ...headers };
  const response = new Response(body as string | null, { status, headers: all });
  complete.add(response);
  return response;
}

/** Gives an answer that wasn't made by `respond` what every answer carries. */
export function finished(response: Response, caller: Caller): void {
  if (complete.has(response)) return;
  response.headers.set("x-request-id", caller.requestId);
  for (const [name, value] of Object.entries(protective)) response.headers.set(name, value);
}

/** Fields that every answer to a known caller carries. @see draft-ietf-httpapi-ratelimit-headers */
export function limitHeaders(limit: Limit | null): Record<string, string> {
  if (!limit) return {};
  return {
    "ratelimit-policy": `"${limit.class}";q=${limit.limit};w=${limit.windowSeconds}`,
    ratelimit: `"${limit.class}";r=${limit.remaining};t=${limit.resetSeconds}`,
  };
}

/** Fields that follow from a problem, whatever the face. @see RFC 6750, section 3; RFC 9110, section 10.2.3 */
export function problemHeaders(problem: Problem, caller: Caller): Record<string, string> {
  const headers: Record<string, string> = {};
  const { retryAfterSeconds } = problem.extensions;
  if (retryAfterSeconds !== undefined) headers["retry-after"] = String(retryAfterSeconds);
  if (problem.code === "unauthenticated")
    headers["www-authenticate"] = caller.credential
      ? 'Bearer realm="dais", error="invalid_token"'
      : 'Bearer realm="dais"';
  if (problem.code === "step_up_required")
    headers["www-authenticate"] = stepUpChallenge(Number(problem.extensions.maxAgeSeconds));
  if (problem.code === "payload_too_large" || problem.code === "body_timeout") headers.connection = "close"; // the rest of the body is not read
  return headers;
}

/** The authentication context that stands for a second factor, in requests to the issuer and in its answers. */
const secondFactor = { acrs: { essential: true, value: "c1" } };
/** The claims request that asks an issuer for it. @see OpenID Connect Core 1.0, section 5.5 */
export const secondFactorClaims = JSON.stringify({ id_token: secondFactor, access_token: secondFactor });

/**
 * The challenge as Entra ID's clients understand it, with the words of RFC 9470 beside it.
 * @see https://learn.microsoft.com/en-us/entra/identity-platform/claims-challenge
 */
const stepUpChallenge = (maxAgeSeconds: number): string =>
  [
    'Bearer realm="dais"',
    'error="insufficient_claims"',
    `claims="${Buffer.from(secondFactorClaims).toString("base64")}"`,
    `acr_values="${secondFactor.acrs.value}"`,
    `max_age="${maxAgeSeconds}"`,
  ].join(", ");

/** A problem as REST and everything beside the faces answers it. @see RFC 9457 */
export function problemResponse(
  problem: Problem,
  caller: Caller,
  publicUrl: string,
  answer?: Pick<Answer, "limit">,
  more: Record<string, string> = {},
) {
  const document = problemDocument(problem, { requestId: caller.requestId, publicUrl });
  return respond(caller, problem.status, JSON.stringify(document), {
    "content-type": "application/problem+json",
    "cache-control": "no-store",
    ...limitHeaders(answer?.limit ?? null),
    ...problemHeaders(problem, caller),
    ...more,
  });
}
