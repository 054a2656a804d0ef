import type { Server } from "@dais/api/server";
import { operations } from "@dais/contracts";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { actors } from "./support/faces/actors.ts";
import { differences } from "./support/faces/compare.ts";
import { type Call, calls } from "./support/faces/generate.ts";
import { type Face, faces, type Said } from "./support/faces/speak.ts";
import { settled } from "./support/owner.ts";
import { startServer } from "./support/server.ts";

/** Many for each operation, so that the rarer outcomes of each have their chance. */
const total = Number(process.env.FACES_CALLS ?? Math.max(2000, 50 * operations.size));
const seed = Number(process.env.FACES_SEED ?? 20260106);
/** Calls of one tenant, beginning anew after them: what can be done once has its chance again. */
const day = 240;
/** Only these, for somebody who asks why one of them never succeeds: `FACES_ONLY='^signals' FACES_SHOW=1`. */
const only = new RegExp(process.env.FACES_ONLY ?? "");
const called = new Map([...operations].filter(([path]) => only.test(path)));

const clock = { time: Date.UTC(2026, 0, 6, 4) };
let started: Server;
beforeAll(async () => {
  started = await startServer({ sources: { now: () => new Date(clock.time) } });
});

const outcomes = new Map<string, Map<string, number>>();
const tally = (operation: string, said: Said) => {
  const of = outcomes.get(operation) ?? new Map<string, number>();
  const outcome = "problem" in said ? String(said.problem.code) : "done";
  outcomes.set(operation, of.set(outcome, (of.get(outcome) ?? 0) + 1));
};
const found = (
  some: Call[],
  { through = faces, any = false }: { through?: Record<string, Face>; any?: boolean } = {},
) =>
  differences(started.url, operations, some, through, {
    ...{ clock, tally, any, sessions: started.sessions },
    settle: async () => {
      await started.kernel.settle();
      await settled();
    },
  });

describe("the faces agree", () => {
  test(`${total} generated calls over tRPC, REST and MCP: same output, problem, decision and audit trail`, {
    timeout: 60_000 + total * 250,
  }, async () => {
    const days = fc.array(calls(called, actors), { minLength: day, maxLength: day });
    await fc.assert(
      fc.asyncProperty(days, async (some) => {
        expect(await found(some)).toEqual([]);
      }),
      { seed, numRuns: Math.ceil(total / day), endOnFailure: process.env.FACES_SHRINK === undefined },
    );
    const shown = [...outcomes].map(([path, of]) => `${path} ${JSON.stringify(Object.fromEntries(of))}`);
    if (process.env.FACES_SHOW) console.log(shown.sort().join("\n"));
  });

  test("and among them every operation succeeded, and was refused, and none met a bug", () => {
    const never = [...operations.keys()].filter(
      (path) => !outcomes.get(path)?.get("done") || (outcomes.get(path)?.size ?? 0) < 3,
    );
    if (total >= 50 * operations.size) expect(never).toEqual([]);
    expect([...outcomes].filter(([, of]) => of.has("internal"))).toEqual([]);
  });
});

/** A sample of calls in which each deliberate fault has its chance to show. */
const sampled = 3 * operations.size;
const sample = () =>
  fc.sample(fc.array(calls(operations, actors), { minLength: sampled, maxLength: sampled }), {
    seed,
    numRuns: 1,
  })[0] as Call[];

describe("a broken face is found", () => {
  const broken: Record<string, (face: Face) => Face> = {
    "that lets a field go": (face) => async (url, request) => {
      const said = await face(url, request);
      return said && "output" in said ? { output: { ...said.output, state: undefined } } : said;
    },
    "that says a problem by another code": (face) => async (url, request) => {
      const said = await face(url, request);
      return said && "problem" in said && said.problem.code === "forbidden"
        ? { problem: { ...said.problem, code: "not_found" } }
        : said;
    },
    "that drops fields nobody knows instead of refusing them": (face) => (url, request) =>
      face(url, {
        ...request,
        input: Object.fromEntries(Object.entries(request.input).filter(([name]) => name !== "surprise")),
      }),
    "that doesn't do what it answers": (face) => async (url, request) =>
      request.operation.path === "signals.ingestBatch" ? { output: { changed: true, items: [] } } : face(url, request),
    "that does what it does twice": (face) => async (url, request) => {
      if (request.operation.kind === "command") await face(url, { ...request, idempotencyKey: null });
      return face(url, request);
    },
    "that forgets the Idempotency-Key": (face) => (url, request) => face(url, { ...request, idempotencyKey: null }),
  };

  test.each(Object.entries(broken))("%s", { timeout: 300_000 }, async (_, breakIt) => {
    const through = { ...faces, rest: breakIt(faces.rest as Face) };
    expect(await found(sample(), { through, any: true })).not.toEqual([]);
  });
});
