import { exampleLastEventId } from "@dais/contracts/examples/events";
import type { Operation, Parameter, Reference } from "./json.ts";
import { ref } from "./json.ts";

const text = (description: string, example: string, more: object = {}) => ({
  description,
  schema: { type: "string", maxLength: 1000, ...more },
  example,
});

export const requestId = "01kejc8ht0e6ssypg6m30swm9j";

/** Headers of answers, for `components.headers`. */
export const headers = {
  Deprecation: text(
    "Since when the operation is on its way out, as a date in seconds since 1970 (RFC 9745).",
    "@1767225600",
  ),
  ETag: text("Strong entity tag, made of `version`. Send it back as `If-Match` or `If-None-Match` (RFC 9110).", '"3"'),
  "Idempotency-Replayed": text(
    "`true` where this is the stored answer to the first request with the same key.",
    "true",
    {
      enum: ["true"],
    },
  ),
  Location: text("Address of what was made (RFC 9110, section 10.2.2).", "/v1/signals/sig_01kejc8ht0e6ssypg6m30swm9g", {
    format: "uri-reference",
  }),
  RateLimit: text("What is left of the allowance, and in how many seconds there is more.", '"read";r=119;t=30'),
  "RateLimit-Policy": text("The allowance: so many calls in so many seconds.", '"read";q=120;w=60'),
  "Retry-After": {
    description: "Send the request again after so many seconds (RFC 9110, section 10.2.3).",
    schema: { type: "integer", minimum: 0, maximum: 86_400 },
    example: 2,
  },
  Sunset: text("When the operation stops to answer (RFC 8594).", "Fri, 01 Jan 2027 00:00:00 GMT"),
  "WWW-Authenticate": text(
    "How to sign in, or which further proof is needed (RFC 6750, section 3).",
    'Bearer realm="dais"',
  ),
  "X-Request-Id": text("Id of this request, in every log line and problem. Name it when you ask for help.", requestId),
};
export type HeaderName = keyof typeof headers;

/** The named headers, as references to the shared ones. */
export const headerRefs = (names: readonly HeaderName[]): Record<string, Reference> =>
  Object.fromEntries(names.map((name) => [name, ref("headers", name)]));

/** On every answer, whatever it says. */
export const always: readonly HeaderName[] = ["RateLimit", "RateLimit-Policy", "X-Request-Id"];

/** The headers of an operation's success. */
export function successHeaders({ kind, meta }: Operation, status: number): HeaderName[] {
  const names: HeaderName[] = [];
  if (meta.deprecated) names.push("Deprecation", "Sunset");
  if (meta.etag) names.push("ETag");
  if (kind === "command") names.push("Idempotency-Replayed");
  if ((status === 201 || status === 202) && meta.location) names.push("Location");
  return [...names, ...always].sort();
}

/** Headers of requests, for `components.parameters`. */
export const requestHeaders: Record<string, Parameter> = {
  IdempotencyKey: {
    name: "Idempotency-Key",
    in: "header",
    description:
      "A fresh value for each new change, the same one for its retries: then it happens once, and the retry gets the first answer again. " +
      "Kept for 24 hours at least, for this caller and operation.",
    schema: { type: "string", minLength: 1, maxLength: 255 },
    example: "0197f3a2-6a50-7cc5-a4a1-6f2f3a0e3b11",
  },
  IfMatch: {
    name: "If-Match",
    in: "header",
    description:
      "The ETag that the caller saw, in the place of `version` in the body. One of the two is needed; if both are sent they must agree.",
    schema: { type: "string", maxLength: 255 },
    example: '"1"',
  },
  LastEventId: {
    name: "Last-Event-ID",
    in: "header",
    description:
      "The `id` of the last message: the stream begins after it. Browsers send it by themselves. It counts for more than `lastEventId`.",
    schema: { type: "string", minLength: 1, maxLength: 4000 },
    example: exampleLastEventId,
  },
  IfNoneMatch: {
    name: "If-None-Match",
    in: "header",
    description: "The ETag that the caller has. The answer is 304 without a body while it is still the right one.",
    schema: { type: "string", maxLength: 1000 },
    example: '"3"',
  },
};

/** The request headers that an operation listens to, as references to the shared ones. */
export function headerParameters({ kind, meta }: Operation): Reference[] {
  const names: string[] = [];
  if (kind === "command") names.push("IdempotencyKey");
  if (meta.version === "required") names.push("IfMatch");
  if (kind === "query" && meta.etag) names.push("IfNoneMatch");
  if (kind === "subscription") names.push("LastEventId");
  return names.map((name) => ref("parameters", name));
}
