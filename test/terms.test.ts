import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Place, place } from "./support/place.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";

let url: string;
let here: Place;
let api: RestClient;
const days = { amount: 5, unit: "workingDays" };
const hours = { amount: 24, unit: "hours" };
const set = (term: object | null, more: object = {}) =>
  api.post("/terms/set", { machine: "agent", state: "suspended", term, ...more });
const ofAgent = async () =>
  (await api.get("/terms")).body.items.find(({ machine }: { machine: string }) => machine === "agent");

beforeAll(async () => {
  url = (await startServer()).url;
});
beforeEach(async () => {
  here = await place();
  api = restClient(url, await here.key());
});

describe("terms.list", () => {
  test("200: every state in which something waits, with its usual term", async () => {
    expect(await ofAgent()).toEqual({
      machine: "agent",
      state: "suspended",
      title: "Agent",
      waitsFor: "agent.resume",
      term: days,
      usual: days,
      source: "usual",
    });
  });

  test("403: without the permission; an executive has it not", async () => {
    const person = await here.person({ roles: ["executive"] });
    expect((await restClient(url, await person.session()).get("/terms")).body.code).toBe("forbidden");
  });
});

describe("terms.set", () => {
  test("200: another term, and back to the usual one; on record both times, and what was so already as that", async () => {
    expect((await set(hours)).body).toMatchObject({
      changed: true,
      term: { term: hours, usual: days, source: "organisation" },
    });
    expect(await ofAgent()).toMatchObject({ term: hours, source: "organisation" });
    expect((await set(hours)).body.changed).toBe(false);
    expect((await set({ amount: 2, unit: "workingDays" })).body.term.term).toEqual({ amount: 2, unit: "workingDays" });
    expect((await set(null)).body).toMatchObject({ changed: true, term: { term: days, source: "usual" } });
    expect((await set(null)).body.changed).toBe(false);
    expect((await here.trail()).map(({ action, changed }) => [action, changed])).toEqual([
      ["term.set", true],
      ["term.set", false],
      ["term.set", true],
      ["term.set", true],
      ["term.set", false],
    ]);
  });

  test("200: one organisation's term is no other's", async () => {
    await set(hours);
    api = restClient(url, await (await place()).key());
    expect(await ofAgent()).toMatchObject({ term: days, source: "usual" });
  });

  test("200: two who set it at once, one after the other", async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, (_, n) => set({ amount: n + 1, unit: "hours" })));
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
    const changes = (await here.trail()).map(({ changes }) => changes as { term: [object, object] });
    for (const [n, { term }] of changes.entries()) if (n > 0) expect(term[0]).toEqual(changes[n - 1]?.term[1]);
  });

  test("422 term_unknown: no such workflow, or a state in which nothing waits", async () => {
    for (const more of [{ machine: "wish" }, { state: "active" }, { machine: "signal", state: "new" }])
      expect(await set(hours, more)).toMatchObject({ status: 422, body: { code: "term_unknown" } });
  });

  test("400: no length, or one that is too long", async () => {
    for (const term of [
      { amount: 0, unit: "hours" },
      { amount: 8761, unit: "hours" },
      { amount: 367, unit: "workingDays" },
      { amount: 1 },
      { amount: 1, unit: "weeks" },
    ])
      expect((await set(term)).body.code).toBe("invalid_input");
  });

  test("403: only an administrator", async () => {
    const asOperator = restClient(url, await (await here.person({ roles: ["operational"] })).session());
    expect((await asOperator.get("/terms")).status).toBe(200);
    expect((await asOperator.post("/terms/set", { machine: "agent", state: "suspended", term: null })).status).toBe(
      403,
    );
  });
});
