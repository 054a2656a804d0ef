import { notModified } from "./openapi/answers.ts";
import { baseDocument } from "./openapi/base.ts";
import { withBounds } from "./openapi/bounds.ts";
import { headers, requestHeaders } from "./openapi/headers.ts";
import { info, securitySchemes, tags } from "./openapi/info.ts";
import { type BaseDocument, type BaseOperation, sorted } from "./openapi/json.ts";
import { operationObject } from "./openapi/operation.ts";
import { problemExamples, sharedResponses } from "./openapi/problems.ts";
import { namesOf, type SharedNames, sharedSchemas } from "./openapi/schemas.ts";
import { eventSchemas, webhookHeaders, webhooksSection } from "./openapi/webhooks.ts";
import { served } from "./served.ts";

/**
 * The REST face as OpenAPI 3.1, the same text for the same contract. With `url` (the server's origin, no slash at the
 * end) its addresses are absolute, without it they are relative to whoever serves it.
 * @see https://spec.openapis.org/oas/v3.1.1.html
 */
export function openApiDocument({ url = "" }: { url?: string } = {}): object {
  const base = baseDocument();
  const schemas = sorted({ ...sharedSchemas(base), ...eventSchemas() });
  const shown = {
    paths: paths(base, namesOf(schemas), url),
    responses: { NotModified: notModified, ...sharedResponses() },
  };
  return withBounds({
    openapi: "3.1.1",
    "x-generated": "From contracts/ by `npm run generate`. Do not edit.",
    info,
    servers: [
      {
        url: `${url}/v1`,
        description: "Whoever serves this document, in production or for tests.",
        "x-internal": false,
      },
    ],
    tags,
    security: [{ apiKey: [] }],
    paths: shown.paths,
    // An envelope names its source by a whole URI, wherever this document is served.
    webhooks: webhooksSection(url || "https://dais.example.org"),
    components: {
      schemas,
      parameters: { ...used("parameters", requestHeaders, shown), ...webhookHeaders },
      headers: used("headers", headers, shown),
      responses: shown.responses,
      examples: problemExamples(url),
      securitySchemes,
    },
  });
}

/** In the order of the contract, so that a capability's operations stand together. */
function paths(base: BaseDocument, shared: SharedNames, url: string): Record<string, Record<string, object>> {
  const found: Record<string, Record<string, object>> = {};
  for (const operation of served) {
    const { path, method } = operation.meta.openapi;
    const from = base.paths[path]?.[method.toLowerCase()] as BaseOperation;
    found[path] = { ...found[path], [method.toLowerCase()]: operationObject(operation, from, shared, url) };
  }
  return found;
}

/** Only what something refers to: a shared piece that nobody uses is noise. */
function used<T>(section: string, pieces: Record<string, T>, by: object): Record<string, T> {
  const text = JSON.stringify(by);
  return Object.fromEntries(
    Object.entries(pieces).filter(([name]) => text.includes(`"#/components/${section}/${name}"`)),
  );
}
