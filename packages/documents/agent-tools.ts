import { orNull } from "./or-null.ts";
import type { JsonSchema } from "./schema.ts";

/** A tool as model APIs take it, and the HTTP request that a call of it stands for. */
export type AgentTool = {
  /** At most 64 letters, digits, hyphens and underscores. */
  name: string;
  /** At most 1024 characters: some model APIs take no more. */
  description: string;
  /** One object, in one piece: nothing in it points elsewhere. */
  parameters: JsonSchema & { type: "object" };
  http: {
    method: string;
    /** From the server's origin, with `{names}` of parameters: `/v1/signals/{id}`. */
    path: string;
    /** Parameters that go into the query; those named in the path go there, and all others into a JSON body. */
    query: string[];
    /** The parameter that is the body, and the media type to send it in; null where the body is JSON. */
    document: { name: string; type: string } | null;
    /** Takes an Idempotency-Key: a fresh one for each new call, the same one when it is repeated. */
    keyed: boolean;
  };
};

/**
 * Turns an OpenAPI 3.1 document into tools, one for each operation in the order of the document that answers once. It knows of Dais only what the
 * document says. A parameter that may come in a header instead of the body comes in the body.
 */
export function toolsFromOpenApi(document: OpenApi): AgentTool[] {
  const base = new URL(document.servers?.[0]?.url ?? "/", "http://any").pathname.replace(/\/$/, "");
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, operation]) => !isStream(operation))
      .map(([method, operation]) => toolOf(document, method, base + path, operation)),
  );
}

const isStream = ({ responses = {} }: Operation): boolean => "text/event-stream" in (responses["200"]?.content ?? {});

/** The request that a call of a tool stands for, as `fetch` takes it. */
export function requestOf(
  { http }: AgentTool,
  args: Record<string, unknown>,
  { url, key, idempotencyKey }: { url: string; key: string; idempotencyKey?: string },
): Request {
  const rest = { ...args };
  const take = (name: string) => {
    const { [name]: value } = rest;
    delete rest[name];
    return value;
  };
  const target = new URL(
    http.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(take(name)))),
    url,
  );
  for (const name of http.query)
    for (const value of [take(name) ?? []].flat()) target.searchParams.append(name, String(value));
  const document = http.document && take(http.document.name);
  const headers = new Headers({ authorization: `Bearer ${key}` });
  if (http.keyed && idempotencyKey !== undefined) headers.set("idempotency-key", idempotencyKey);
  if (http.method === "GET") return new Request(target, { headers });
  headers.set("content-type", http.document?.type ?? "application/json");
  const body = http.document ? String(document) : JSON.stringify(rest);
  return new Request(target, { method: http.method, headers, body });
}

/** What a tool says of `version`, which the REST face takes as a header, too. */
export const versionInWords = "The version that you saw when you read it.";

type Pointer = { $ref: string };
type Parameter = { name: string; in: string; required?: boolean; description?: string; schema?: JsonSchema };
type Operation = {
  operationId?: string;
  summary?: string;
  description?: string;
  parameters?: (Parameter | Pointer)[];
  requestBody?: { content: Record<string, { schema?: JsonSchema }> };
  responses?: Record<string, { content?: Record<string, unknown> }>;
  [extension: `x-${string}`]: unknown;
};
export type OpenApi = {
  servers?: { url: string }[];
  paths: Record<string, Record<string, Operation>>;
  components?: unknown;
};

function toolOf(document: OpenApi, method: string, path: string, operation: Operation): AgentTool {
  const all = (operation.parameters ?? []).map((one) => resolved(document, one) as unknown as Parameter);
  const inputs = all.filter((one) => one.in === "path" || one.in === "query");
  const body = resolved(document, operation.requestBody?.content["application/json"]?.schema ?? {}) as Shape;
  const sent = documentOf(operation);
  const required = [...inputs.filter((one) => one.required).map(({ name }) => name), ...(body.required ?? [])];
  const named = inputs.map(({ name, description, schema }) => [
    name,
    { ...schema, ...(description && { description }) },
  ]);
  const properties: Record<string, JsonSchema> = { ...Object.fromEntries(named), ...body.properties };
  if (sent) {
    properties[sent.name] = { type: "string", description: `A document as text: ${sent.type}.` };
    required.push(sent.name);
  }
  // The document lets the version come as If-Match instead, hence doesn't require it in the body: here there are no headers.
  if (operation["x-version"] === "required" && properties.version) {
    properties.version = { ...properties.version, description: versionInWords };
    required.push("version");
  }
  return {
    name: (operation.operationId ?? `${method}${path}`).replace(/[^a-zA-Z0-9_-]+/g, "_").slice(0, 64),
    description: words(operation).slice(0, 1024),
    parameters: { type: "object", properties, ...(required.length > 0 && { required }), additionalProperties: false },
    http: {
      method: method.toUpperCase(),
      path,
      query: inputs.flatMap((one) => (one.in === "query" ? [one.name] : [])),
      document: sent,
      keyed: all.some((one) => one.name.toLowerCase() === "idempotency-key"),
    },
  };
}
/** What the document calls an upload's body, and the first media type that it may come in. */
function documentOf({ requestBody, "x-upload-field": name }: Operation): AgentTool["http"]["document"] {
  const [type] = Object.keys(requestBody?.content ?? {});
  return typeof name === "string" && type ? { name, type } : null;
}
type Shape = { properties?: Record<string, JsonSchema>; required?: string[] };

/** The operation's words without the marks of Markdown, which models read as text. */
const words = ({ summary, description }: Operation): string =>
  [summary && `${summary}.`, description?.replace(/<br>|\*\*/g, "")].filter(Boolean).join("\n\n");

/** The same with every reference replaced by what it leads to. @throws on one that leads back to itself */
function resolved(document: OpenApi, value: unknown, on: readonly string[] = []): JsonSchema {
  if (Array.isArray(value)) return value.map((one) => resolved(document, one, on)) as never;
  if (typeof value !== "object" || value === null) return value as never;
  const { $ref, ...rest } = value as Partial<Pointer>;
  if (typeof $ref !== "string")
    return orNull(Object.fromEntries(Object.entries(value).map(([name, one]) => [name, resolved(document, one, on)])));
  if (on.includes($ref)) throw new Error(`${$ref} contains itself: no tool can say that.`);
  const target = $ref
    .slice(2)
    .split("/")
    .reduce<unknown>((at, part) => (at as JsonSchema | undefined)?.[part], document);
  return { ...resolved(document, target, [...on, $ref]), ...rest };
}
