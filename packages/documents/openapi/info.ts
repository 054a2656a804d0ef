import { capabilities } from "@dais/contracts";
import { version } from "@dais/contracts/version";

export const info = {
  title: "Dais",
  version,
  summary: "One API layer for a leadership team's day.",
  description: `
One contract, three faces: REST (this document), tRPC at \`/trpc\` for TypeScript programs, and MCP at \`/mcp\` for agents.
What holds here holds on all of them, and a name means the same everywhere: \`signals.acknowledge\` is
\`POST /v1/signals/{id}/acknowledge\` and the tool \`signals_acknowledge\`.

**Sign in.** Send \`Authorization: Bearer dais_<organisation>_…\`. The organisation comes from the key; what belongs to another
one, or lies above your clearance, does not exist for you (404).

**Ids** are TypeIDs (\`sig_01h…\`): the prefix says what kind of thing it is, and they sort by age. Treat them as text.

**Fields.** In answers, what is absent is \`null\`, and fields may be added: ignore those that you don't know. Requests are strict: an
unknown field is a 400. In updates an absent field keeps, \`null\` clears. Times are RFC 3339 in UTC.

**Lists** answer \`{ items, nextCursor }\`. Send \`nextCursor\` back as \`cursor\` until it is \`null\`. A filter that takes several values is
repeated: \`?state=new&state=acknowledged\`.

**Versions.** What can change has a \`version\`, and its \`ETag\` is made of it. To change it, send the version that you saw, in the body or
as \`If-Match\`: 428 without, 412 when somebody was faster. \`If-None-Match\` saves reading what you have (304).

**Idempotency.** Send an \`Idempotency-Key\` with every change: the same key and request again is the same answer, done once, with
\`Idempotency-Replayed: true\`. A command that changes nothing says \`changed: false\`; where it would have answered 201, it answers 200.

**Problems** are RFC 9457 \`application/problem+json\`. Decide by \`code\`, which never changes its meaning; \`type\` is a page that says what to
do, \`errors\` points at the fields. Each operation lists all codes that it can answer with.

**Limits.** \`RateLimit\` and \`RateLimit-Policy\` are on every answer; after a 429 or 503 wait for \`Retry-After\` seconds. A body is at most
1 MiB. Send \`X-Request-Id\` to choose the request's id; it is answered always.

**Change.** \`/v1\` only grows, by operations, fields of answers, optional fields of requests, and problem codes: judge a code that you
don't know by its status. What is on its way out says so with \`Deprecation\` and \`Sunset\`.
`.trim(),
  contact: { name: "The Dais team" },
  license: { name: "Proprietary", identifier: "LicenseRef-Proprietary" },
};

export const tags = capabilities.map(({ name, title, about }) => ({
  name,
  "x-displayName": title,
  description: about,
}));

export const securitySchemes = {
  apiKey: {
    type: "http",
    scheme: "bearer",
    bearerFormat: "dais_<organisation>_<secret>",
    description: "An API key. Each operation names the permission that the key needs (`x-permission`).",
  },
};
