import { beforeAll, describe, expect, inject, test } from "vitest";
import { type Place, place } from "./support/place.ts";
import { proxy, type Wire } from "./support/proxy.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { aSignal } from "./support/samples.ts";
import { startServer } from "./support/server.ts";
import { setAgent } from "./support/things.ts";

let postgres: Wire;
let redis: Wire;
let here: Place;
let api: RestClient;
let url: string;

beforeAll(async () => {
  const { host, port, ...rest } = inject("login");
  // Those of calls: whoever hears of events has another name.
  const ofCalls = "application_name\0dais\0";
  postgres = await proxy(host.startsWith("/") ? { path: `${host}/.s.PGSQL.${port}` } : { host, port }, ofCalls);
  const store = new URL(inject("redis"));
  redis = await proxy({ host: store.hostname, port: Number(store.port || 6379) });
  // One connection for calls, so that what is prepared once is prepared for all.
  const started = await startServer({
    connection: { ...rest, host: postgres.host, port: postgres.port },
    redis: Object.assign(new URL(store), { hostname: redis.host, port: String(redis.port) }).href,
    env: { DATABASE_CONNECTIONS: "2" },
  });
  url = started.url;
  here = await place();
  api = restClient(url, await here.key());
});

/**
 * Exchanges of one call, once both connections have prepared its statements. On a busy machine an answer may begin while statements that belong
 * together are still going out, which looks like one more: that happens by chance, and not to each of three calls.
 */
async function counted(
  call: () => Promise<{ status: number }>,
): Promise<{ status: number; postgres: number; redis: number }> {
  for (let warm = 0; warm < 6; warm += 1) await call();
  const found: { status: number; postgres: number; redis: number }[] = [];
  for (let n = 0; n < 3; n += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    postgres.reset();
    redis.reset();
    const { status } = await call();
    found.push({ status, postgres: postgres.exchanges(), redis: redis.exchanges() });
  }
  const least = (of: "postgres" | "redis") => Math.min(...found.map((one) => one[of]));
  return { status: found[0]?.status ?? 0, postgres: least("postgres"), redis: least("redis") };
}

describe("exchanges on the wire, warm", () => {
  test("a list read: 1 with Postgres, 1 with Redis", async () => {
    await api.post("/signals/batch", { items: [aSignal(), aSignal(), aSignal()] });
    expect(await counted(() => api.get("/signals?limit=20"))).toEqual({ status: 200, postgres: 1, redis: 1 });
    expect(await counted(() => api.get("/signals?limit=20&severity=severe"))).toEqual({
      status: 200,
      postgres: 1,
      redis: 1,
    });
  });

  test("a search, whatever is asked for, and the picture: 1 and 1", async () => {
    const filters = [
      "text=flood",
      "box=0,0,90,90",
      "near=25,55,100",
      "severity=severe",
      "assigneeId=me",
      "sort=-updatedAt",
    ];
    for (const path of [
      `/signals?${filters.slice(0, 4).join("&")}`,
      ...filters.map((one) => `/signals?${one}`),
      "/signals/picture",
    ])
      expect(await counted(() => api.get(path)), path).toEqual({ status: 200, postgres: 1, redis: 1 });
  });

  test("a simple command: 2 and 1, with and without an Idempotency-Key", async () => {
    const once = (headers: () => Record<string, string>) => () => api.post("/signals", aSignal(), headers());
    expect(await counted(once(() => ({})))).toEqual({ status: 201, postgres: 2, redis: 1 });
    expect(await counted(once(() => ({ "idempotency-key": crypto.randomUUID() })))).toEqual({
      status: 201,
      postgres: 2,
      redis: 1,
    });
  });

  test("people, with roles and deputies, and everybody in groups in groups: 1 and 1", async () => {
    const person = await here.person();
    const group = async (memberId: string) => {
      const { id } = (await api.post("/groups", { name: { en: "one" }, ownerId: person.id })).body;
      await api.post(`/groups/${id}/add-member`, { memberId });
      return id as string;
    };
    const outer = await group(await group(person.id));
    for (const path of ["/people?limit=20", `/people/${person.id}`, `/groups/${outer}/people`, "/me"])
      expect(await counted(() => api.get(path)), path).toEqual({ status: 200, postgres: 1, redis: 1 });
  });

  test("a move: 2 and 1", async () => {
    const made = await api.post("/signals/batch", { items: Array.from({ length: 9 }, () => aSignal()) });
    const ids = made.body.items.map((item: { id: string }) => item.id);
    const move = () =>
      api.post(`/signals/${ids.pop()}/acknowledge`, { version: 1 }, { "idempotency-key": crypto.randomUUID() });
    expect(await counted(move)).toEqual({ status: 200, postgres: 2, redis: 1 });
  });

  test("a move into a state that waits for somebody, and what waits: no more than others", async () => {
    const ids = await Promise.all(Array.from({ length: 9 }, () => setAgent(here)));
    const suspend = () => api.post(`/agents/${ids.pop()}/suspend`, { version: 1, reason: "A test." });
    // The agent is shut out before and after the commit.
    expect(await counted(suspend)).toEqual({ status: 200, postgres: 2, redis: 3 });
    expect(await counted(() => api.get("/me/waiting"))).toEqual({ status: 200, postgres: 1, redis: 1 });
  });

  test("a move by a delegation: 2 and 1", async () => {
    const [giver, other] = [await here.person({ roles: ["operational"] }), await here.person({ roles: ["executive"] })];
    const said = { moves: ["signal.acknowledge"], until: new Date(Date.now() + 3_600_000).toISOString() };
    await api.post("/delegations", { ...said, fromId: giver.id, toId: other.id, reason: "On leave." });
    const made = await api.post("/signals/batch", { items: Array.from({ length: 9 }, () => aSignal()) });
    const ids = made.body.items.map((item: { id: string }) => item.id);
    const session = restClient(url, await other.session());
    const move = () => session.post(`/signals/${ids.pop()}/acknowledge`, { version: 1 });
    expect(await counted(move)).toEqual({ status: 200, postgres: 2, redis: 1 });
  });
});
