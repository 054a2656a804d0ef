import { type ProblemCode, problems } from "@dais/contracts";
import { problemsOf } from "@dais/contracts/kit/possible";
import { preferencesIn } from "@dais/mock/preferences";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { caller, exampled, heard, type Json, mock, prefer, problem } from "./support/mock.ts";
import { restClient } from "./support/rest.ts";

let url: string;
let called: ReturnType<typeof caller>;
beforeAll(async () => {
  url = await mock();
  called = caller(url);
});

describe("Prefer", () => {
  test.each(exampled)(
    "%s: every problem that it may answer with, by code and by status, on every face",
    async (_, operation, input) => {
      for (const code of problemsOf(operation) as ProblemCode[]) {
        const { status } = problems[code];
        prefer(`problem=${code}`);
        for (const [, said] of await heard(url, operation, input))
          expect(problem(said)).toMatchObject({ code, status });
        prefer(`wait=0, code="${status}"; x=1`);
        for (const [, said] of await heard(url, operation, input)) expect(problem(said)).toMatchObject({ status });
      }
    },
  );

  test.each(exampled)(
    "%s: 400 for one that it can't answer with, naming those that it can",
    async (_, operation, input) => {
      for (const text of ["code=418", "problem=no_such_problem", "code=soon"]) {
        prefer(text);
        for (const [, said] of await heard(url, operation, input)) {
          expect(problem(said)).toMatchObject({ code: "invalid_input", errors: [{ code: "preference_impossible" }] });
          for (const code of problemsOf(operation)) expect(problem(said).errors[0].message).toContain(code);
        }
      }
    },
  );

  test("says what was done, the success of an operation included, and what usually comes with a problem", async () => {
    const api = restClient(url, "demo");
    const signal = (await called("signals.list", { state: ["new"] })).items[0];
    const asked = async (text: string) =>
      await api.post(`/signals/${signal.id}/acknowledge`, { version: signal.version }, { prefer: text });
    const changed = await asked("code=412");
    expect(changed.body).toMatchObject({ code: "signal_changed", version: signal.version + 1, state: "new" });
    expect(changed.headers.get("preference-applied")).toBe("code=412");
    expect((await asked("problem=busy")).headers.get("retry-after")).toBe("2");
    expect((await asked("code=200, respond-async")).headers.get("preference-applied")).toBe("code=200");
    expect((await asked("respond-async")).headers.get("preference-applied")).toBeNull();
  });

  test("wait: the answer comes later, ten seconds at most", async () => {
    const start = performance.now();
    const { headers } = await restClient(url, "demo").get("/organisations/current", { prefer: "wait=0.3" });
    expect(performance.now() - start).toBeGreaterThan(290);
    expect(headers.get("preference-applied")).toBe("wait=0.3");
    expect(preferencesIn("Wait=600, wait=1").waitMs).toBe(10_000);
    expect(preferencesIn("wait=-1, wait=soon").waitMs).toBe(0);
  });

  test("in a tool call's _meta", async () => {
    const params = { name: "organisations_current", arguments: {}, _meta: { prefer: "code=403" } };
    const response = await fetch(`${url}/mcp`, {
      method: "POST",
      headers: {
        authorization: "Bearer demo",
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
      },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params }),
    });
    expect(((await response.json()) as Json).result.structuredContent.code).toBe("forbidden");
  });

  test("any text is heard without harm", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => preferencesIn(text).waitMs <= 10_000),
      { seed: 20260106 },
    );
  });
});
