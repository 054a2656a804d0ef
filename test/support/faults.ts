import type { ClientOptions, Inputs } from "@dais/client";
import { problems } from "@dais/contracts";
import { expect } from "vitest";
import { aSignal } from "./samples.ts";

/** What becomes of one request: it is never sent, its answer never comes back, somebody else answers, or all goes well. */
export type Fault =
  | "unsent"
  | "lost"
  | "hangs"
  | "well"
  | { foreign: number; retryAfter?: string }
  | { problem: keyof typeof problems; retryAfter?: number; bare?: true };

/** A `fetch` whose requests meet these faults in turn, and go well when none is left; with what was sent, and how long was waited. */
export function faulty(...script: Fault[]) {
  const sent: { url: string; key: string | null }[] = [];
  const waits: number[] = [];
  const fetch: ClientOptions["fetch"] = async (url, init) => {
    sent.push({ url: String(url), key: new Headers(init?.headers).get("idempotency-key") });
    const fault = script.shift() ?? "well";
    if (fault === "unsent") throw new TypeError("fetch failed");
    if (fault === "hangs") return untilAborted(init?.signal as AbortSignal);
    if (typeof fault === "object") return "foreign" in fault ? foreign(fault) : refusal(fault);
    const answer = await globalThis.fetch(url, init);
    if (fault === "well") return answer;
    await answer.text();
    throw new TypeError("fetch failed");
  };
  const wait = async (ms: number, signal: AbortSignal) => {
    signal.throwIfAborted();
    waits.push(ms);
  };
  return { fetch, sent, waits, sources: { wait, random: () => 0 } };
}

/** A signal to ingest, in the types of the client. */
export const report = (more: Record<string, unknown> = {}) => aSignal(more) as Inputs["signals"]["ingest"];

/** What a call fails with; a call that doesn't fail, fails the test. */
export const failure = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => expect.fail("It went well."),
    (error) => error,
  );

const untilAborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

const foreign = ({ foreign: status, retryAfter }: { foreign: number; retryAfter?: string }) => {
  const headers = { "content-type": "text/html", ...(retryAfter ? { "retry-after": retryAfter } : {}) };
  return new Response("<h1>Bad Gateway</h1>", { status, headers });
};

/** A problem as tRPC carries it, or bare, as it comes from in front of tRPC. */
function refusal({
  problem: code,
  retryAfter,
  bare,
}: {
  problem: keyof typeof problems;
  retryAfter?: number;
  bare?: true;
}) {
  const { status, title, meaning: detail } = problems[code];
  const problem = { type: "about:blank", title, status, detail, instance: "urn:x", code, requestId: "x" };
  const told = retryAfter === undefined ? problem : { ...problem, retryAfterSeconds: retryAfter };
  const shape = { message: code, code: -32000, data: { code: "CONFLICT", httpStatus: status, problem: told } };
  return Response.json(bare ? told : { error: shape }, { status });
}
