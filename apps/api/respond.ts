import type { Answer } from "@dais/kernel/dispatch";
import type { Limit } from "@dais/kernel/gate";
import { type Problem, problemDocument } from "@dais/kernel/problem";
import type { Caller } from "./request.ts";

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
  if (problem.code === "payload_too_large" || problem.code === "body_timeout") headers.connection = "close"; // the rest of the body is not read
  return headers;
}

/** A problem as REST and everything beside the faces answers it. @see RFC 9457 */
export function problemResponse(
  problem: Problem,
  caller: Caller,
  publicUrl: string,
  answer?: Pick<Answer, "limit">,
  more: Record<string, string> = {},
) {
  return new Response(JSON.stringify(problemDocument(problem, { requestId: caller.requestId, publicUrl })), {
    status: problem.status,
    headers: {
      "content-type": "application/problem+json",
      "cache-control": "no-store",
      ...limitHeaders(answer?.limit ?? null),
      ...problemHeaders(problem, caller),
      ...more,
    },
  });
}
