import { createClient } from "@dais/client";
import { operationsOf } from "@dais/contracts/kit/derive";
import { Download } from "@dais/contracts/kit/download";
import { Figure } from "@dais/contracts/kit/figure";
import { typeId } from "@dais/contracts/kit/ids";
import { Money } from "@dais/contracts/kit/money";
import { capability, router } from "@dais/contracts/kit/operation";
import { page, paging } from "@dais/contracts/kit/paging";
import { Day, Instant, Name, Version } from "@dais/contracts/kit/shapes";
import { afterEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { caller, type Json, mock } from "./support/mock.ts";
import { cleanUp, scratchFolder } from "./support/programs.ts";
import { begin, urlOf } from "./support/started.ts";

afterEach(cleanUp);

/** A capability that nobody has written yet, with everything that the kit has and no example. */
function later() {
  const { query, command } = capability({
    name: "plans",
    title: "Plans",
    about: "Later.",
    permissions: {},
    problems: {},
  });
  const Step: z.ZodType = z.object({
    label: z.string(),
    get parts() {
      return z.array(Step);
    },
  });
  // biome-ignore format: a field of each kind
  const Plan = z.object({
    id: typeId("evt"), name: Name, budget: Money, share: Figure, report: Download.nullable(), day: Day, startsAt: Instant,
    state: z.enum(["draft", "approved"]), contact: z.email(), page: z.url(), code: z.string().regex(/^[A-Z]{3}-\d{4}$/),
    step: Step, tags: z.array(z.string().min(3)).min(2).max(4), score: z.number().gt(0).lt(1), even: z.int().multipleOf(2).min(10),
    by: z.discriminatedUnion("kind", [z.object({ kind: z.literal("user"), email: z.email() }), z.object({ kind: z.literal("agent") })]),
    limits: z.record(z.enum(["low", "high"]), z.int()), pair: z.tuple([z.string(), z.boolean()]), parentId: typeId("evt").nullable(),
    entity: z.object({ id: typeId("ent"), key: z.string() }), version: Version, createdAt: Instant, updatedAt: Instant,
  });
  const id = typeId("evt");
  const plans = router({
    list: query({
      rest: "GET /plans",
      summary: "List",
      permission: null,
      input: z.strictObject({ ...paging, q: z.string().optional() }),
      output: page(Plan),
    }),
    get: query({
      rest: "GET /plans/{id}",
      summary: "Get",
      permission: null,
      input: z.strictObject({ id }),
      output: Plan,
    }),
    days: query({
      rest: "GET /plan-days",
      summary: "Days",
      permission: null,
      input: z.strictObject({ ...paging }),
      output: page(z.object({ day: Day, count: z.int() })),
    }),
    create: command({
      rest: "POST /plans",
      summary: "Create",
      permission: null,
      status: 201,
      location: "/plans/{id}",
      input: z.strictObject({ name: Name }),
      output: Plan,
    }),
    approve: command({
      rest: "POST /plans/{id}/approve",
      summary: "Approve",
      permission: null,
      input: z.strictObject({ id, version: Version }),
      output: z.object({ plan: Plan }),
    }),
    delete: command({
      rest: "DELETE /plans/{id}",
      summary: "Delete",
      permission: null,
      anyVersion: true,
      status: 204,
      input: z.strictObject({ id }),
      output: z.object({}),
    }),
  });
  return router({ plans });
}

describe("a capability added later", () => {
  test("is mocked without a line: its lists agree with its reads, its commands with what is read then", async () => {
    const contract = later();
    const api = { contract, operations: operationsOf(contract) };
    const say = caller(await mock({ api }), api.operations);
    const { items } = await say("plans.list", {});
    expect(items).toHaveLength(25);
    for (const item of items) expect(await say("plans.get", { id: item.id })).toEqual(item);
    expect((await say("plans.days", { limit: 100 })).items).toHaveLength(30);
    const name = { en: "New plan", ar: null };
    const made = await say("plans.create", { name });
    expect(made).toMatchObject({ name, state: "draft", version: 1 });
    expect((await say("plans.list", { q: "new plan" })).items).toEqual([made]);
    expect((await say("plans.approve", { id: made.id, version: 1 })).plan).toMatchObject({ id: made.id, version: 2 });
    await say("plans.delete", { id: made.id });
    expect((await say("plans.list", { q: "new plan" })).items).toEqual([]);
  });
});

describe("npm run mock", () => {
  test("starts at once without Postgres and Redis, says what it is, and serves pages", async () => {
    const program = begin(scratchFolder(), "apps/api/mock.ts", {}, ["--seed", "seven"]);
    await program.says(/Ctrl-C/);
    expect(program.said()).toMatch(/Mock of Dais, ready after \d+\.\d s/);
    expect(program.said()).toContain("seven");
    const at = urlOf(program);
    expect(((await (await fetch(`${at}/openapi.json`)).json()) as Json).info.title).toMatch(/mock/i);
    for (const path of ["/", "/reference", "/readyz"]) expect((await fetch(`${at}${path}`)).status).toBe(200);
    expect(
      (await fetch(`${at}/v1/signals`, { headers: { origin: "http://localhost:5173" } })).headers.get(
        "access-control-allow-origin",
      ),
    ).toBe("*");
    const { items } = await createClient({ url: at, key: "demo" }).signals.list.query({ limit: 3 });
    expect(items).toHaveLength(3);
    program.kill("SIGTERM");
    expect(await program.end).toBe(0);
  });

  test("refuses a clock that is none", async () => {
    const program = begin(scratchFolder(), "apps/api/mock.ts", {}, ["--now", "soon"]);
    expect(await program.end).toBe(1);
    expect(program.said()).toContain("--now");
  });
});
