import { randomBytes } from "node:crypto";
import { newKeyText } from "@dais/kernel/keys";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { asOwner } from "./support/owner.ts";
import { type Place, place } from "./support/place.ts";
import { proxy, type Wire } from "./support/proxy.ts";
import { type Reply, restClient } from "./support/rest.ts";
import { aSignal } from "./support/samples.ts";
import { startServer } from "./support/server.ts";

let here: Place;
beforeAll(async () => {
  here = await place();
});

const unavailable = (answer: Reply) => {
  expect(answer).toMatchObject({ status: 503, body: { code: "unavailable" } });
  expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
};

describe("Postgres", () => {
  const { host, port, ...rest } = inject("login");
  let wire: Wire;
  beforeAll(async () => {
    wire = await proxy(host.startsWith("/") ? { path: `${host}/.s.PGSQL.${port}` } : { host, port });
  });
  afterAll(() => wire.close());
  const through = () => ({ ...rest, host: wire.host, port: wire.port });

  test("503 while it is away, for reads, changes and unknown keys; right again by itself", async () => {
    const { url, kernel } = await startServer({ connection: through(), env: { DATABASE_CONNECTIONS: "3" } });
    const api = restClient(url, await here.key());
    const fresh = restClient(url, await here.key());
    expect((await api.get("/signals")).status).toBe(200);
    wire.cut();
    for (let round = 0; round < 3; round += 1) {
      const answers = await Promise.all([api.get("/signals"), api.post("/signals", aSignal()), fresh.get("/signals")]);
      for (const answer of answers) unavailable(answer);
    }
    expect(await (await fetch(`${url}/readyz`)).json()).toMatchObject({ status: "unavailable", away: ["postgres"] });
    wire.mend();
    for (const one of [api, fresh, api, fresh]) expect((await one.get("/signals")).status).toBe(200);
    expect((await api.post("/signals", aSignal())).status).toBe(201);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    expect(kernel.inFlight()).toBe(0);
  });

  test("503 where nobody listens, and every time, not for ever", async () => {
    const gone = await proxy({ path: "/nowhere" });
    await gone.close();
    const { url } = await startServer({ connection: { ...rest, host: gone.host, port: gone.port } });
    const api = restClient(url, await here.key());
    for (let round = 0; round < 15; round += 1) unavailable(await api.get("/signals"));
  });

  test("killed in the middle of commands: each happened as a whole or not at all, and a retry with its key tells", async () => {
    const name = `outage-${process.pid}`;
    const home = await place();
    const connection = { ...inject("login"), connection: { application_name: name } };
    const { url } = await startServer({ connection, env: { DATABASE_CONNECTIONS: "4" } });
    const api = restClient(url, await home.key());
    await api.get("/signals");
    const kill = () =>
      asOwner()`select pg_terminate_backend(pid) from pg_stat_activity where application_name = ${name} and state <> 'idle'`;
    const report = async (n: number) => {
      const body = aSignal({ externalId: `s-${n}` });
      const headers = { "idempotency-key": `k-${n}` };
      for (let tries = 1; ; tries += 1) {
        const answer = await api.post("/signals", body, headers);
        if (answer.status === 201) return tries;
        expect([409, 503]).toContain(answer.status);
      }
    };
    let done = false;
    const killer = (async () => {
      for (let kills = 0; !done; kills += (await kill()).length)
        // Ever more seldom, so that a busy machine gets through, too.
        await new Promise((resolve) => setTimeout(resolve, kills < 40 ? 4 : Math.min(kills, 1000)));
    })();
    const tries = await Promise.all(Array.from({ length: 150 }, (_, n) => report(n)));
    done = true;
    await killer;
    expect(Math.max(...tries), "nobody was hit").toBeGreaterThan(1);

    const mine = asOwner()`tenant_id = ${home.tenantId}`;
    const [count] = await asOwner()`select
      (select count(*)::int from signals where ${mine}) as signals,
      (select count(*)::int from audit where ${mine} and outcome = 'done') as audit,
      (select count(*)::int from outbox where ${mine}) as outbox,
      (select count(*)::int from idempotency where ${mine} and answer is not null) as answers`;
    expect(count).toEqual({ signals: 150, audit: 150, outbox: 150, answers: 150 });
  });

  test("lost between commit and answer: 503, and the key's retry replays what happened", async () => {
    const { url } = await startServer({ connection: through(), env: { DATABASE_CONNECTIONS: "2" } });
    const home = await place();
    const api = restClient(url, await home.key());
    await api.post("/signals", aSignal());
    const headers = { "idempotency-key": "once" };
    wire.cutAfter((sent) => sent.includes("commit"));
    const lost = await api.post("/signals", aSignal(), headers);
    unavailable(lost);
    const retried = await api.post("/signals", aSignal(), headers);
    expect(retried.status).toBe(201);
    expect(retried.headers.get("idempotency-replayed")).toBe("true");
    expect((await api.get("/signals")).body.items).toHaveLength(2);
  });
});

describe("Redis", () => {
  const store = new URL(inject("redis"));
  const through = (to: Wire, database = "") =>
    Object.assign(new URL(store), { hostname: to.host, port: String(to.port), pathname: database }).href;
  let wire: Wire;
  beforeAll(async () => {
    wire = await proxy({ host: store.hostname, port: Number(store.port || 6379) });
  });
  afterAll(() => wire.close());

  test("503 for every credential while it is away, and right again by itself", async () => {
    const { url } = await startServer({ redis: through(wire) });
    const [key, fresh] = [await here.key(), await here.key()];
    expect((await restClient(url, key).get("/signals")).status).toBe(200);
    wire.cut();
    for (const credential of [key, fresh, "nonsense", newKeyText(here.slug, randomBytes)]) {
      const answer = await restClient(url, credential).post("/signals", aSignal());
      expect(answer).toMatchObject({ status: 503, body: { code: "unavailable" } });
      expect(answer.headers.get("retry-after")).toBe("2");
    }
    expect((await restClient(url, null).get("/signals")).status).toBe(401);
    expect(await (await fetch(`${url}/readyz`)).json()).toMatchObject({ status: "unavailable", away: ["redis"] });
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    wire.mend();
    await expect.poll(async () => (await restClient(url, key).get("/signals")).status, { timeout: 20_000 }).toBe(200);
    expect((await restClient(url, fresh).get("/signals")).status).toBe(200);
  });

  test("a Redis that has lost its data brings no revoked key back", async () => {
    // A database of its own, so that the loss is nobody else's.
    const redis = new Redis(through(wire, "/9"));
    const servers = await Promise.all([
      startServer({ redis: through(wire, "/9") }),
      startServer({ redis: through(wire, "/9") }),
    ]);
    const [one, two] = servers.map((server) => server.url) as [string, string];
    const api = restClient(one, await here.key());
    const made = (await api.post("/api-keys", { name: "x", permissions: ["signal.read"], clearance: "public" })).body;
    for (const url of [one, two]) expect((await restClient(url, made.secret).get("/signals")).status).toBe(200);
    await api.post(`/api-keys/${made.id}/revoke`);
    expect(await redis.del("dais:generation", `dais:epoch:${here.tenantId}:${made.id}`)).toBe(2);
    for (const url of [one, two]) expect((await restClient(url, made.secret).get("/signals")).status).toBe(401);
    redis.disconnect();
  });
});
