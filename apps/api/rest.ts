import type { Operation } from "@dais/contracts/kit/derive";
import type { Answer, Kernel } from "@dais/kernel/dispatch";
import type { File } from "@dais/kernel/download";
import { unpacked } from "@dais/kernel/packed";
import { Problem } from "@dais/kernel/problem";
import { type Context, Hono } from "hono";
import { accepts, preferred } from "./accept.ts";
import type { Api } from "./app.ts";
import { type BodyLimits, readDocument, readJson } from "./body.ts";
import { type Env, field } from "./request.ts";
import { limitHeaders, problemResponse, respond } from "./respond.ts";
import { misplaced, placed, type RestShape, readQuery, restShape, searchOf } from "./rest-input.ts";
import { fileHeaders, ifMatch, isFresh, statusOf, successHeaders } from "./rest-output.ts";
import { streamer } from "./stream.ts";

/** The REST face: every operation and subscription of the contract at its method and path below /v1. */
export function rest(
  kernel: Kernel,
  { operations, subscriptions = new Map() }: Pick<Api, "operations" | "subscriptions">,
  publicUrl: string,
  limits?: BodyLimits,
): Hono<Env> {
  const app = new Hono<Env>();
  // Hono takes the first route that fits: `/signals/batch` must come before `/signals/{id}`.
  const sorted = [...operations.values(), ...subscriptions.values()].sort((a, b) =>
    specificity(a).localeCompare(specificity(b)),
  );
  for (const one of sorted) {
    const handle =
      one.kind === "subscription" ? streamer(kernel, one, publicUrl) : answerer(kernel, one, publicUrl, limits);
    app.on(one.meta.openapi.method, routeOf(one), handle);
  }

  for (const [route, methods] of Map.groupBy(sorted, routeOf)) {
    const allow = [
      ...new Set(
        methods.flatMap(({ meta }) => (meta.openapi.method === "GET" ? ["GET", "HEAD"] : [meta.openapi.method])),
      ),
      "OPTIONS",
    ].join(", ");
    app.options(route, (c) => respond(c.get("caller"), 204, null, { allow }));
    app.all(route, (c) =>
      problemResponse(new Problem("method_not_allowed"), c.get("caller"), publicUrl, undefined, { allow }),
    );
  }
  // One address per thing. 308 keeps method and body (RFC 9110, section 15.4.9).
  app.all("/*", (c) => {
    const { pathname, search } = new URL(c.req.url);
    if (/[^/]\/+$/.test(pathname))
      return respond(c.get("caller"), 308, null, { location: `${pathname.replace(/\/+$/, "")}${search}` });
    return problemResponse(new Problem("not_found"), c.get("caller"), publicUrl);
  });
  return app;
}

const routeOf = ({ meta }: Pick<Operation, "meta">) => meta.openapi.path.replace(/\{(\w+)\}/g, ":$1");
/** Sorts fixed segments before parameters, segment by segment. */
const specificity = (operation: Pick<Operation, "meta">) => routeOf(operation).replace(/:/g, "\uffff");

function answerer(kernel: Kernel, operation: Operation, publicUrl: string, limits?: BodyLimits) {
  const shape = restShape(operation);
  return async (c: Context<Env>): Promise<Response> => {
    const caller = c.get("caller");
    const answer = await kernel.dispatch({
      ...caller,
      operation: operation.path,
      exact: c.req.header("if-match") !== undefined,
      readInput: () => readInput(c, operation, shape, limits),
    });
    if (answer.problem) return problemResponse(placed(answer.problem, operation, shape), caller, publicUrl, answer);
    const wanted = typeFor(c, operation);
    if (answer.file?.mediaType === wanted) return bytes(c, operation, answer, answer.file);
    // What has no bytes to send, as a mock has none.
    if (wanted !== json) return problemResponse(new Problem("not_acceptable"), caller, publicUrl, answer);
    return success(c, operation, answer);
  };
}

const json = "application/json";

/** The media type to answer in, or null where the caller takes none that there is. */
function typeFor(c: Context<Env>, { meta }: Operation): string | null {
  const accept = field(c, "accept");
  if (meta.download.length > 0) return preferred(accept, [json, ...meta.download]);
  return accepts(accept, json) ? json : null;
}

/** The file itself. */
function bytes(
  c: Context<Env>,
  operation: Operation,
  answer: Extract<Answer, { problem: null }>,
  file: File,
): Response {
  const headers = { ...limitHeaders(answer.limit), ...successHeaders(operation, answer), ...fileHeaders(file) };
  return respond(c.get("caller"), 200, "packed" in file.bytes ? unpacked(file.bytes) : file.bytes, headers);
}

function success(c: Context<Env>, operation: Operation, answer: Extract<Answer, { problem: null }>): Response {
  const caller = c.get("caller");
  const headers = { ...limitHeaders(answer.limit), ...successHeaders(operation, answer) };
  if (operation.kind === "query" && isFresh(field(c, "if-none-match"), headers.etag))
    return respond(caller, 304, null, headers);
  const status = statusOf(operation, answer);
  if (status === 204) return respond(caller, status, null, headers);
  headers["content-type"] = json;
  if (operation.meta.download.length > 0) headers.vary = "accept";
  return respond(caller, status, JSON.stringify(answer.output), headers);
}

/** @throws not_acceptable, invalid_input, and what reading a body throws */
async function readInput(
  c: Context<Env>,
  operation: Operation,
  shape: RestShape,
  limits?: BodyLimits,
): Promise<unknown> {
  if (typeFor(c, operation) === null) throw new Problem("not_acceptable");
  const search = searchOf(c.req.url);
  const params = c.req.param() as Record<string, string>;
  if (operation.kind === "query") return readQuery(shape, params, search);
  const { upload } = operation.meta;
  if (upload) {
    const document = await readDocument(c, upload, limits);
    const input = readQuery(shape, params, search);
    const version = operation.meta.version === "required" ? ifMatch(field(c, "if-match"), input) : undefined;
    // No body is no document.
    const said = document.byteLength > 0 ? { [upload.field]: document } : {};
    return { ...input, ...said, ...(version === undefined ? {} : { version }) };
  }

  const body = (await readJson(c, limits)) ?? {};
  const [unknown] = search.keys();
  if (unknown !== undefined) throw misplaced(["query", unknown], "unknown_field", "A command takes no query.");
  if (typeof body !== "object" || body === null || Array.isArray(body)) return body;
  const twice = shape.path.find((name) => Object.hasOwn(body, name));
  if (twice) throw misplaced(["body", twice], "unknown_field", "It is in the path already.");
  const version = operation.meta.version === "required" ? ifMatch(field(c, "if-match"), body) : undefined;
  return { ...body, ...params, ...(version === undefined ? {} : { version }) };
}
