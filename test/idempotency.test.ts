import { operations } from "@dais/contracts";
import { uuidOf } from "@dais/contracts/kit/ids";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Face, faces } from "./support/faces/speak.ts";
import { asOwner } from "./support/owner.ts";
import { type Place, place } from "./support/place.ts";
import { spawnServer } from "./support/process.ts";
import { cleanUp } from "./support/programs.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { aSignal } from "./support/samples.ts";
import { startServer } from "./support/server.ts";

afterEach(cleanUp);

let url: string;
let here: Place;
let api: RestClient;

beforeAll(async () => {
  url = (await startServer()).url;
  here = await place();
  api = restClient(url, await here.key());
});

const fresh = () => crypto.randomUUID();
const keyed = (key: string) => ({ "idempotency-key": `"${key}"` });

describe("a call with an Idempotency-Key", () => {
  test("sent again is answered with the first answer, marked as replayed, and has one effect", async () => {
    const key = fresh();
    const first = await api.post("/signals", aSignal({ source: "once" }), keyed(key));
    const again = await api.post("/signals", aSignal({ source: "once" }), { "idempotency-key": key });
    expect(again).toMatchObject({ status: 201, body: first.body });
    expect(again.headers.get("location")).toBe(first.headers.get("location"));
    expect([first, again].map((answer) => answer.headers.get("idempotency-replayed"))).toEqual([null, "true"]);
    expect((await api.get("/signals?source=once")).body.items).toHaveLength(1);
  });

  test("422 idempotency_key_reused: the same key with another input", async () => {
    const key = fresh();
    await api.post("/signals", aSignal(), keyed(key));
    const other = await api.post("/signals", aSignal({ title: "Other" }), keyed(key));
    expect(other).toMatchObject({ status: 422, body: { code: "idempotency_key_reused" } });
  });

  test("is another's for another caller, and for another operation", async () => {
    const key = fresh();
    const colleague = restClient(url, await here.key());
    const { id } = (await api.post("/signals", aSignal(), keyed(key))).body.signal;
    expect((await colleague.post("/signals", aSignal(), keyed(key))).headers.get("idempotency-replayed")).toBeNull();
    expect((await api.post(`/signals/${id}/acknowledge`, { version: 1 }, keyed(key))).status).toBe(200);
  });

  test("replays although the thing has changed since, and although a repetition would break a rule", async () => {
    const key = fresh();
    const body = { key: `e-${fresh().slice(0, 8)}`, name: { en: "Entity" }, kind: "company" };
    const first = await api.post("/entities", body, keyed(key));
    expect(await api.post("/entities", body, keyed(key))).toMatchObject({ status: 201, body: first.body });
  });

  test("doesn't store a problem: the same call succeeds once its reason is gone", async () => {
    const key = fresh();
    const { id } = (await api.post("/signals", aSignal())).body.signal;
    const dismiss = () => api.post(`/signals/${id}/dismiss`, { version: 2, reason: "Nothing." }, keyed(key));
    expect((await dismiss()).status).toBe(412);
    await api.post(`/signals/${id}/acknowledge`, { version: 1 });
    expect((await dismiss()).status).toBe(200);
  });

  test("never stores a secret: the replay has null in its place", async () => {
    const key = fresh();
    const make = () =>
      api.post("/api-keys", { name: "k", permissions: ["signal.read"], clearance: "internal" }, keyed(key));
    const [first, again] = [await make(), await make()];
    expect(first.body.secret).toMatch(/^dais_/);
    expect(again.body).toEqual({ ...first.body, secret: null });
    const stored = await asOwner()`select answer::text from idempotency where key = ${key}`;
    expect(stored[0]?.answer).not.toContain(first.body.secret);
  });

  test("in 1000 calls at once, over two processes and three faces: one effect, and retries end with its answer", {
    timeout: 60_000,
  }, async () => {
    const there = await place();
    const key = await there.key();
    const bystander = restClient(url, await here.key());
    const urls = [(await spawnServer()).url, (await spawnServer()).url];
    const input = aSignal({ source: "storm" });
    const idempotencyKey = fresh();
    const call = (n: number) =>
      (Object.values(faces)[n % 3] as Face)(urls[n % 2] as string, {
        operation: operations.get("signals.ingest") as never,
        input,
        key,
        idempotencyKey,
        ifMatch: false,
      });

    let storming = true;
    const storm = Promise.all(Array.from({ length: 1000 }, (_, n) => call(n))).finally(() => {
      storming = false;
    });
    let reads = 0;
    while (storming) {
      expect((await bystander.get("/signals?limit=5")).status).toBe(200);
      reads += 1;
    }
    const problems = (await storm).flatMap((said) => (said && "problem" in said ? [String(said.problem.code)] : []));
    expect(problems.filter((code) => !["idempotency_in_progress", "rate_limited", "busy"].includes(code))).toEqual([]);
    expect(reads).toBeGreaterThan(5);

    const outputs = await Promise.all([0, 1, 2, 3, 4, 5].map(call));
    const signals = await asOwner()`select id from signals where tenant_id = ${there.tenantId}`;
    expect(signals).toHaveLength(1);
    for (const said of outputs)
      expect(uuidOf((said as { output: { signal: { id: string } } }).output.signal.id)).toBe(signals[0]?.id);
    expect(await there.trail()).toHaveLength(1);
  });
});
