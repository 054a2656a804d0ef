import type { Operation } from "@dais/contracts/kit/derive";
import type { Answer, Kernel } from "@dais/kernel/dispatch";
import { Problem } from "@dais/kernel/problem";
import { type Context, Hono } from "hono";
import { type BodyLimits, readJson } from "./body.ts";
import { type Env, field } from "./request.ts";
import { limitHeaders, problemResponse, respond } from "./respond.ts";
import { isPlaced, misplaced, type RestShape, readQuery, restShape } from "./rest-input.ts";
import { ifMatch, isFresh, statusOf, successHeaders } from "./rest-output.ts";

/** The REST face: every operation of the contract at its method and path below /v1. */
export function rest(
  kernel: Kernel,
  operations: ReadonlyMap<string, Operation>,
  publicUrl: string,
  limits?: BodyLimits,
): Hono<Env> {
  const app = new Hono<Env>();
  // Hono takes the first route that fits: `/signals/batch` must come before `/signals/{id}`.
  const sorted = [...operations.values()].sort((a, b) => specificity(a).localeCompare(specificity(b)));
  for (const operation of sorted)
    app.on(operation.meta.openapi.method, routeOf(operation), answerer(kernel, operation, publicUrl, limits));

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

const routeOf = ({ meta }: Operation) => meta.openapi.path.replace(/\{(\w+)\}/g, ":$1");
/** Sorts fixed segments before parameters, segment by segment. */
const specificity = (operation: Operation) => routeOf(operation).replace(/:/g, "\uffff");

function answerer(kernel: Kernel, operation: Operation, publicUrl: string, limits?: BodyLimits) {
  const shape = restShape(operation);
  return async (c: Context<Env>): Promise<Response> => {
    const caller = c.get("caller");
    const answer = await kernel.dispatch({
      ...caller,
      operation: operation.path,
      readInput: () => readInput(c, operation, shape, limits),
    });
    if (answer.problem) return problemResponse(placed(answer.problem, operation, shape), caller, publicUrl, answer);
    return success(c, operation, answer);
  };
}

function success(c: Context<Env>, operation: Operation, answer: Extract<Answer, { problem: null }>): Response {
  const caller = c.get("caller");
  const headers = { ...limitHeaders(answer.limit), ...successHeaders(operation, answer) };
  if (operation.kind === "query" && isFresh(field(c, "if-none-match"), headers.etag))
    return respond(caller, 304, null, headers);
  const status = statusOf(operation, answer.output);
  if (status === 204) return respond(caller, status, null, headers);
  headers["content-type"] = "application/json";
  return respond(caller, status, JSON.stringify(answer.output), headers);
}

/** @throws not_acceptable, invalid_input, and what reading a body throws */
async function readInput(
  c: Context<Env>,
  operation: Operation,
  shape: RestShape,
  limits?: BodyLimits,
): Promise<unknown> {
  if (!accepts(field(c, "accept"))) throw new Problem("not_acceptable");
  const search = searchOf(c.req.url);
  const params = c.req.param() as Record<string, string>;
  if (operation.kind === "query") return readQuery(shape, params, search);

  const body = (await readJson(c, limits)) ?? {};
  const [unknown] = search.keys();
  if (unknown !== undefined) throw misplaced(["query", unknown], "unknown_field", "A command takes no query.");
  if (typeof body !== "object" || body === null || Array.isArray(body)) return body;
  const twice = shape.path.find((name) => Object.hasOwn(body, name));
  if (twice) throw misplaced(["body", twice], "unknown_field", "It is in the path already.");
  const version = operation.meta.version === "required" ? ifMatch(field(c, "if-match"), body) : undefined;
  return { ...body, ...params, ...(version === undefined ? {} : { version }) };
}

/** What a `URL` would say, at a fraction of its price: the address is whole already, and its path is the router's business. */
const searchOf = (url: string) => new URLSearchParams(/\?([^#]*)/.exec(url)?.[1] ?? "");

function accepts(accept: string | undefined): boolean {
  if (!accept) return true;
  return accept.split(",").some((range) => {
    const [type = "", ...parameters] = range
      .toLowerCase()
      .split(";")
      .map((part) => part.trim());
    return /^(\*\/\*|application\/\*|application\/json)$/.test(type) && !parameters.some((p) => /^q=0(\.0*)?$/.test(p));
  });
}

/** Says of each wrong field where it lies in the request: /path, /query or /body. */
function placed(problem: Problem, operation: Operation, shape: RestShape): Problem {
  if (problem.code !== "invalid_input" || !problem.extensions.errors || isPlaced(problem)) return problem;
  const place = (pointer: string) => {
    const field = pointer.split("/")[1] ?? "";
    return shape.path.includes(field) ? "/path" : operation.kind === "query" ? "/query" : "/body";
  };
  const errors = problem.extensions.errors.map((error) => ({
    ...error,
    pointer: place(error.pointer) + error.pointer,
  }));
  return new Problem("invalid_input", { ...problem.extensions, errors });
}
