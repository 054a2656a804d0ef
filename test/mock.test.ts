import { operations } from "@dais/contracts";
import type { Operation } from "@dais/contracts/kit/derive";
import { type IdKind, idOf } from "@dais/contracts/kit/ids";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { calls } from "./support/faces/generate.ts";
import { caller, exampled, heard, type Json, mock, now, problem } from "./support/mock.ts";
import { restClient } from "./support/rest.ts";

let url: string;
let restarted: string;
let called: ReturnType<typeof caller>;
beforeAll(async () => {
  url = await mock();
  restarted = await mock();
  called = caller(url);
});

/** What the marks of generated inputs stand for here, where nothing came before. */
const marks = { $cursor: "forged", $place: "here", $version: 1, $directory: "a directory" };

describe("the mock answers", () => {
  test.each(exampled)(
    "%s: on every face what its schema takes, the same twice and after a restart",
    async (_, operation, input) => {
      const first = await heard(url, operation, input);
      for (const [, said] of first)
        expect(operation.output.parse("output" in said && said.output)).toEqual((said as Json).output);
      expect(new Set(first.map(([, said]) => JSON.stringify(said))).size).toBe(1);
      expect(await heard(url, operation, input)).toEqual(first);
      expect(await heard(restarted, operation, input)).toEqual(first);
    },
  );

  const runs = 15 * operations.size;
  const patience = { timeout: 60_000 + runs * 100 };
  test("any input as the server would judge it, the same on every face and after a restart", patience, async () => {
    const resolved = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(resolved);
      if (value === null || typeof value !== "object") return value;
      for (const [mark, said] of Object.entries(marks)) if (mark in value) return said;
      if ("$ref" in value)
        return idOf(value.$ref as IdKind, `01890a5d-ac96-774b-bcce-b302099a805${Number((value as Json).n)}`);
      return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, resolved(one)]));
    };
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(calls(operations, 1), async (call) => {
        const operation = operations.get(call.operation) as Operation;
        const input = resolved(call.input) as Json;
        // Over REST an upload's fields are all text: what is none can't be said.
        fc.pre(!operation.meta.upload || Object.values(input).every((one) => typeof one === "string" && one !== ""));
        const all = [...(await heard(url, operation, input)), ...(await heard(restarted, operation, input))];
        const plain = all.map(([, said]) => ("output" in said ? said : { code: said.problem.code }));
        expect(new Set(plain.map((one) => JSON.stringify(one))).size).toBe(1);
        const one = plain[0] as Json;
        if (one.output) operation.output.parse(one.output);
        else expect(["invalid_input", "invalid_cursor", "version_required"]).toContain(one.code);
        seen.add(`${call.operation} ${one.output ? "done" : "refused"}`);
      }),
      { seed: 20260106, numRuns: runs },
    );
    expect(seen.size).toBeGreaterThan(operations.size * 1.8);
  });

  test("with another seed otherwise", async () => {
    expect(await caller(await mock({ seed: "two" }))("signals.list", {})).not.toEqual(await called("signals.list", {}));
  });

  /** Lists that show less of a thing than its own page; `templateKey` and `category` lie in a dispatch's content there. */
  const summaries = new Set(["briefings.list", "dispatches.list", "dispatchRecipients.list"]);
  const lists = exampled.filter(([, { input }]) => "cursor" in input.shape);
  test.each(lists)("%s: pages that end, each item once, and as `get` shows it", async (path, _, { id, ...said }) => {
    const { webhookId, dispatchId } = said;
    const items: Json[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await called(path, { id, webhookId, dispatchId, limit: 7, cursor });
      expect(page.items.length).toBeLessThanOrEqual(7);
      items.push(...page.items);
      cursor = page.nextCursor as string | null;
    }
    // Of one webhook, and of one dispatch, there are few.
    expect(items.length).toBeGreaterThan(webhookId || dispatchId ? 0 : 20);
    if (items[0]?.id) expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);
    const get = path.replace(/\.list$/, ".get");
    if (get !== path && operations.has(get))
      for (const item of items) {
        const one = await called(get, { id: item.id });
        const { templateKey: _k, category: _c, ...shared } = item;
        if (summaries.has(path)) expect(one).toMatchObject(shared);
        else expect(one).toEqual(item);
      }
  });

  test("lists by their filters and sort", async () => {
    const { items } = await called("signals.list", { state: ["new"], sort: "occurredAt", limit: 100 });
    expect(items.length).toBeGreaterThan(3);
    expect(new Set(items.map(({ state }: Json) => state))).toEqual(new Set(["new"]));
    const times = items.map(({ occurredAt }: Json) => occurredAt);
    expect(times).toEqual([...times].sort());
    const [since] = times.slice(-2);
    expect((await called("signals.list", { state: ["new"], since })).items).toHaveLength(2);
  });

  test("what waits: things of many kinds that there are, in a state in which somebody has to act", async () => {
    const { items } = await called("inbox.list", { limit: 100 });
    expect(new Set(items.map(({ kind }: Json) => kind)).size).toBeGreaterThan(3);
    const api = restClient(url, "demo");
    for (const { path, id, state } of items.slice(0, 40))
      expect((await api.get(path)).body).toMatchObject({ id, state });
    const since = items.map((one: Json) => one.since);
    expect(since).toEqual([...since].sort());
    const late = (await called("inbox.list", { kind: ["approval"], overdue: true, limit: 100 })).items;
    for (const one of late) expect(one).toMatchObject({ kind: "approval", overdue: true, dueAt: expect.any(String) });
  });

  test("trees without circles", async () => {
    const { items } = await caller(await mock())("entities.list", { limit: 100 });
    const parents = new Map<string, string | null>(items.map((one: Json) => [one.id, one.parentId]));
    for (const first of parents.keys()) {
      const path = new Set([first]);
      for (let id = parents.get(first); id; id = parents.get(id)) {
        expect(path).not.toContain(id);
        path.add(id);
      }
    }
  });
});

describe("a command", () => {
  test("that makes a thing: reads find it with what was given", async () => {
    const input = { key: "rimal-labs", name: { en: "Rimal Labs", ar: null }, kind: "division" };
    const made = await called("entities.create", input);
    expect(made).toMatchObject({ ...input, parentId: null, version: 1, createdAt: now.toISOString() });
    expect(await called("entities.get", { id: made.id })).toEqual(made);
    expect((await called("entities.list", { limit: 100 })).items).toContainEqual(made);
  });

  test("that makes many: an answer for each, and reads find them", async () => {
    const one = { ...(operations.get("signals.ingest")?.meta.examples[0]?.input as Json), source: "of.many" };
    const { items } = await called("signals.ingestBatch", { items: [one, { ...one, title: "Another" }] });
    const found = await called("signals.list", { source: "of.many" });
    expect(found.items.map(({ id }: Json) => id).sort()).toEqual(items.map(({ id }: Json) => id).sort());
  });

  test("that changes a thing: the fields given, the state of its example, the next version; reads see it", async () => {
    const { items } = await called("signals.list", { state: ["acknowledged"] });
    const { id, version } = items[0];
    const moved = await called("signals.dismiss", { id, version, reason: "Only a drill." });
    expect(moved).toEqual({
      ...items[0],
      state: "dismissed",
      stateReason: "Only a drill.",
      version: version + 1,
      updatedAt: now.toISOString(),
    });
    expect(await called("signals.get", { id })).toEqual(moved);
  });

  test("with a key: the first answer again, without secrets; 422 for another request", async () => {
    const api = restClient(url, "demo");
    const body = { name: "Importer", permissions: ["signal.read"], clearance: "internal" };
    const key = { "idempotency-key": "once" };
    const first = await api.post("/api-keys", body, key);
    const second = await api.post("/api-keys", body, key);
    expect([first.status, first.headers.get("location")]).toEqual([201, `/v1/api-keys/${first.body.id}`]);
    expect(second.headers.get("idempotency-replayed")).toBe("true");
    expect(second.body).toEqual({ ...first.body, secret: null });
    expect((await api.post("/api-keys", { ...body, name: "Other" }, key)).body.code).toBe("idempotency_key_reused");
  });

  test("400 of a form of key, 428 without a version, 304 for what is known", async () => {
    const api = restClient(url, "demo");
    const [, { id }] = (await called("entities.list", {})).items;
    expect((await api.patch(`/entities/${id}`, {}, { "idempotency-key": "a b" })).body.code).toBe("version_required");
    expect((await api.patch(`/entities/${id}`, {}, { "if-match": '"1"', "idempotency-key": "a b" })).body.code).toBe(
      "idempotency_key_invalid",
    );
    const etag = (await api.get(`/entities/${id}`)).headers.get("etag") as string;
    expect((await api.get(`/entities/${id}`, { "if-none-match": etag })).status).toBe(304);
  });
});

describe("a caller without a credential", () => {
  test.each(exampled)("401: %s", async (_, operation, input) => {
    for (const [, said] of await heard(url, operation, input, null)) expect(problem(said).code).toBe("unauthenticated");
  });
});
