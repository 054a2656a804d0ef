import { randomBytes } from "node:crypto";
import { uuidOf } from "@dais/contracts/kit/ids";
import { newKeyText } from "@dais/kernel/keys";
import { beforeAll, describe, expect, test } from "vitest";
import { asOwner } from "./support/owner.ts";
import { type Place, place } from "./support/place.ts";
import { type Reply, restClient } from "./support/rest.ts";
import { aSignal } from "./support/samples.ts";
import { startServer } from "./support/server.ts";

let here: Place;
beforeAll(async () => {
  here = await place();
});

/** A window that slides begins anew with the minute: what counts calls stays clear of that. */
async function clearOfTheMinute(): Promise<void> {
  const left = 60_000 - (Date.now() % 60_000);
  if (left < 5000) await new Promise((resolve) => setTimeout(resolve, left + 10));
}
/** Nobody else's failures count against it. */
const anAddress = () => `10.${[...randomBytes(3)].join(".")}`;
const limited = (answer: Reply) => {
  expect(answer).toMatchObject({ status: 429, body: { code: "rate_limited", retryAfterSeconds: expect.any(Number) } });
  const seconds = Number(answer.headers.get("retry-after"));
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThanOrEqual(60);
};

describe.each([
  ["Redis", undefined],
  ["the memory of the process", null],
] as const)("allowances on %s", (_, redis) => {
  const env = { RATE_READ: "4", RATE_WRITE: "2", RATE_AUTH: "3", TRUSTED_PROXIES: "1" };
  let urls: string[];
  beforeAll(async () => {
    urls = [(await startServer({ env, redis })).url, (await startServer({ env, redis })).url];
  });

  test("429 with Retry-After once a class is used up; other classes and other callers have their own", async () => {
    await clearOfTheMinute();
    const [url] = urls as [string];
    const api = restClient(url, await here.key());
    for (const left of [3, 2, 1, 0]) {
      const answer = await api.get("/signals");
      expect(answer.headers.get("ratelimit-policy")).toBe('"read";q=4;w=60');
      expect(answer.headers.get("ratelimit")).toMatch(new RegExp(`^"read";r=${left};t=\\d+$`));
    }
    const refused = await api.get("/signals");
    limited(refused);
    expect(refused.headers.get("ratelimit")).toMatch(/^"read";r=0;t=\d+$/);
    expect((await api.post("/signals", aSignal())).headers.get("ratelimit-policy")).toBe('"write";q=2;w=60');
    expect((await restClient(url, await here.key()).get("/signals")).status).toBe(200);
    expect(await here.trail()).not.toEqual(
      expect.arrayContaining([expect.objectContaining({ problem: "rate_limited" })]),
    );
  });

  test(redis === null ? "each process has its own, and says what it counts on" : "two servers share one", async () => {
    await clearOfTheMinute();
    const key = await here.key();
    const answers = [];
    for (let n = 0; n < 8; n += 1) answers.push((await restClient(urls[n % 2] as string, key).get("/signals")).status);
    expect(answers.filter((status) => status === 429)).toHaveLength(redis === null ? 0 : 4);
    expect(await (await fetch(`${urls[0]}/readyz`)).json()).toMatchObject({
      store: redis === null ? "memory" : "redis",
    });
  });

  test("429 for an address after so many failed credentials; who is known already goes on", async () => {
    await clearOfTheMinute();
    const [url, other] = urls as [string, string];
    const from = { "x-forwarded-for": anAddress() };
    const known = restClient(url, await here.key());
    expect((await known.get("/signals", from)).status).toBe(200);
    const guess = (at: string) => restClient(at, newKeyText(here.slug, randomBytes)).get("/signals", from);
    for (let n = 0; n < 3; n += 1) expect((await guess(url)).status).toBe(401);
    limited(await guess(url));
    limited(await restClient(url, "nonsense").get("/signals", from));
    expect((await guess(other)).status).toBe(redis === null ? 401 : 429);
    limited(await restClient(url, await here.key()).get("/signals", from));
    expect((await known.get("/signals", from)).status).toBe(200);
    expect(
      (await guess(url).then(() => restClient(url, "x").get("/signals", { "x-forwarded-for": anAddress() }))).status,
    ).toBe(401);
  });
});

describe("what was refused is kept", () => {
  test("strangers are counted, many in one row, and leave nothing in anybody's audit trail", async () => {
    const { url, kernel } = await startServer({ env: { TRUSTED_PROXIES: "1" } });
    const home = await place();
    const address = anAddress();
    const wrong = [...Array(30).fill(newKeyText(home.slug, randomBytes)), ...Array(5).fill(null)];
    await Promise.all(wrong.map((key) => restClient(url, key).get("/signals", { "x-forwarded-for": address })));
    await kernel.settle();
    await restClient(url, "once-more").get("/signals", { "x-forwarded-for": address });
    await kernel.settle();
    const rows =
      await asOwner()`select kind, sum(count)::int as count, count(*)::int as rows from security_events where address = ${address} group by kind order by kind`;
    expect(rows).toMatchObject([
      { kind: "bad_credential", count: 31 },
      { kind: "no_credential", count: 5 },
    ]);
    for (const row of rows) expect(row.rows).toBeLessThanOrEqual(2); // one for each minute
    expect(await home.trail()).toEqual([]);
  });

  test("refusals of who is known are audit entries", async () => {
    const { url, kernel } = await startServer();
    const home = await place();
    const reader = restClient(url, await home.key({ permissions: ["signal.read"] }));
    await Promise.all([reader.post("/signals", aSignal()), reader.get("/posture")]);
    await restClient(url, await home.key({ kind: "agent" })).get("/api-keys");
    await kernel.settle();
    const trail = await home.trail();
    expect(trail.map((entry) => [entry.operation, entry.outcome, entry.problem, entry.changed]).sort()).toEqual([
      ["apiKeys.list", "refused", "agent_denied", false],
      ["posture.current", "refused", "forbidden", false],
      ["signals.ingest", "refused", "forbidden", false],
    ]);
    expect(trail.find((entry) => entry.operation === "signals.ingest")).toMatchObject({
      action: "signal.ingest",
      decision: { permission: "signal.ingest" },
      request_id: expect.any(String),
    });
  });
});

describe("calls in flight", () => {
  const env = { MOST_IN_FLIGHT: "3", MOST_IN_FLIGHT_TENANT: "2" };

  test("503 busy with Retry-After past the cap of an organisation, then of the process", async () => {
    const { url, kernel } = await startServer({ env });
    const [one, two, three] = await Promise.all(
      [1, 2, 3].map(async () => restClient(url, await (await place()).key())),
    );
    const held: Promise<Reply>[] = [];
    const busy = (answer: Reply) => {
      expect(answer).toMatchObject({ status: 503, body: { code: "busy" } });
      expect(answer.headers.get("retry-after")).toBe("1");
    };
    const ids = await Promise.all(
      [one, two].map(async (api) => (await api?.post("/signals", aSignal()))?.body.signal.id),
    );
    await asOwner().begin(async (sql) => {
      await sql`select 1 from signals where id in ${sql(ids.map(uuidOf))} for update`; // holds whoever would move them
      for (const [n, api] of [one, one, two].entries())
        held.push(api?.post(`/signals/${ids[Math.max(0, n - 1)]}/acknowledge`, { version: 1 }) as Promise<Reply>);
      await expect.poll(() => kernel.inFlight(), { interval: 5 }).toBe(3);
      for (const api of [one, two, three]) busy((await api?.get("/signals")) as Reply);
      await expect.poll(async () => (await fetch(`${url}/readyz`)).status).toBe(200);
    });
    expect((await Promise.all(held)).map((answer) => answer.status).sort()).toEqual([200, 200, 412]);
    expect(kernel.inFlight()).toBe(0);
    expect((await one?.get("/signals"))?.status).toBe(200);
  });

  test("503 busy for one organisation leaves the others alone", async () => {
    const { url, kernel } = await startServer({ env: { MOST_IN_FLIGHT_TENANT: "1" } });
    const [one, two] = await Promise.all([1, 2].map(async () => restClient(url, await (await place()).key())));
    const { id } = (await one?.post("/signals", aSignal()))?.body.signal ?? {};
    let held: Promise<Reply> | undefined;
    await asOwner().begin(async (sql) => {
      await sql`select 1 from signals where id = ${uuidOf(id)} for update`;
      held = one?.post(`/signals/${id}/acknowledge`, { version: 1 });
      await expect.poll(() => kernel.inFlight(), { interval: 5 }).toBe(1);
      expect((await one?.get("/signals"))?.status).toBe(503);
      expect((await two?.get("/signals"))?.status).toBe(200);
    });
    expect((await held)?.status).toBe(200);
  });
});
