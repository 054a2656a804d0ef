import { problems } from "@dais/contracts";
import { problemsOf } from "@dais/contracts/kit/possible";
import type { ProblemSpec } from "@dais/contracts/kit/problems";
import { served } from "../served.ts";
import { always, type HeaderName, headerRefs, requestId } from "./headers.ts";
import { type Operation, pascal, type Reference, type Response, ref, type Schema, sorted } from "./json.ts";

const specs: Readonly<Record<string, ProblemSpec>> = problems;

/** An operation's problem answers by status, each a reference to a shared one that lists its codes. */
export function problemResponses(operation: Operation): Record<string, Reference> {
  return Object.fromEntries(
    [...byStatus(operation)].map(([status, codes]) => [status, ref("responses", nameOf(codes))]),
  );
}

/** The shared problem answers, for `components.responses`: one for each set of codes that an operation has at a status. */
export function sharedResponses(): Record<string, Response> {
  const sets = served.flatMap((operation) => [...byStatus(operation).values()]);
  return sorted(Object.fromEntries(sets.map((codes) => [nameOf(codes), response(codes)])));
}

/** One example for each code that an operation may answer with, for `components.examples`. */
export function problemExamples(url: string): Record<string, object> {
  const used = new Map<string, Operation>();
  for (const operation of served)
    for (const code of problemsOf(operation)) if (!used.has(code)) used.set(code, operation);
  return sorted(Object.fromEntries([...used].map(([code, operation]) => [code, example(code, operation, url)])));
}

function byStatus(operation: Operation): Map<number, string[]> {
  const statuses = new Map<number, string[]>();
  for (const code of problemsOf(operation)) {
    const status = specs[code]?.status ?? 500;
    statuses.set(status, [...(statuses.get(status) ?? []), code]);
  }
  return new Map([...statuses].sort(([a], [b]) => a - b));
}

const nameOf = (codes: readonly string[]) => codes.map(pascal).join("Or");

function response(codes: readonly string[]): Response {
  const narrowed: Schema = { type: "object", properties: { code: { enum: [...codes] } }, required: ["code"] };
  const schema = { allOf: [ref("schemas", "Problem"), narrowed] };
  const examples = Object.fromEntries(codes.map((code) => [code, ref("examples", code)]));
  return {
    description: codes.map((code) => `\`${code}\`: ${specs[code]?.title}.`).join("\n"),
    headers: headerRefs(headersOf(codes)),
    content: { "application/problem+json": { schema, examples } },
  };
}

function headersOf(codes: readonly string[]): HeaderName[] {
  const status = specs[codes[0] ?? ""]?.status;
  const waits = status === 429 || status === 503 || codes.includes("idempotency_in_progress");
  const names: HeaderName[] = [...always];
  if (waits) names.push("Retry-After");
  if (status === 401) names.push("WWW-Authenticate");
  return names.sort();
}

function example(code: string, operation: Operation, url: string) {
  const spec = specs[code] as ProblemSpec;
  const value = {
    type: `${url}/problems/${code}`,
    title: spec.title,
    status: spec.status,
    detail: spec.meaning,
    instance: `urn:dais:request:${requestId}`,
    code,
    requestId,
    ...extension(code, operation),
  };
  return { summary: spec.title, value };
}

/** What some problems say beyond the members that all have. */
function extension(code: string, { meta }: Operation): object {
  if (headersOf([code]).includes("Retry-After")) return { retryAfterSeconds: 2 };
  if (code === "forbidden") return { permission: meta.permission };
  if (code === "payload_too_large") return { limitBytes: 1_048_576 };
  if (code === "invalid_input")
    return { errors: [{ pointer: "/query/limit", code: "too_big", message: "Too big: expected number to be <=100" }] };
  if (code.endsWith("_changed")) return { version: 2 };
  return {};
}
