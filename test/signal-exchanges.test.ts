import { beforeAll, describe, expect, inject, test, vi } from "vitest";
import { sample } from "./support/cap/documents.ts";
import { sendCap } from "./support/cap/door.ts";
import { manyReports } from "./support/many.ts";
import { asOwner } from "./support/owner.ts";
import { type Place, place } from "./support/place.ts";
import { proxy, type Wire } from "./support/proxy.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { aSignal } from "./support/samples.ts";
import { startServer } from "./support/server.ts";
import { lived, type Report, shuffled } from "./support/signals.ts";

let wire: Wire;
let here: Place;
let api: RestClient;

beforeAll(async () => {
  const { host, port, ...rest } = inject("login");
  // Those of calls: whoever hears of events has another name.
  const ofCalls = "application_name\0dais\0";
  wire = await proxy(host.startsWith("/") ? { path: `${host}/.s.PGSQL.${port}` } : { host, port }, ofCalls);
  // One connection for calls, so that what is prepared once is prepared for all.
  const { url } = await startServer({
    connection: { ...rest, host: wire.host, port: wire.port },
    env: { DATABASE_CONNECTIONS: "2" },
  });
  here = await place();
  api = restClient(url, await here.key());
  // That a key was used is written once in a while, on a connection of calls.
  await api.post("/signals", aSignal());
  const used = () => asOwner()`select 1 from api_keys where tenant_id = ${here.tenantId} and last_used_at is not null`;
  await vi.waitUntil(async () => (await used()).length === 1, { timeout: 30_000 });
});

const batch = (items: readonly Report[]) =>
  api.post("/signals/batch", { items }, { "idempotency-key": crypto.randomUUID() });
const outcomes = (answer: Awaited<ReturnType<typeof batch>>) =>
  Object.fromEntries(
    ["created", "seen", "unchanged", "refused"].map((outcome) => [
      outcome,
      answer.body.items.filter((item: { outcome: string }) => item.outcome === outcome).length,
    ]),
  );
/** Exchanges with Postgres of one call. */
async function counted<T>(call: () => Promise<T>): Promise<{ answer: T; exchanges: number }> {
  await new Promise((resolve) => setTimeout(resolve, 50));
  wire.reset();
  const answer = await call();
  return { answer, exchanges: wire.exchanges() };
}
const at = (km: number, more: Report = {}) => aSignal({ place: { points: [{ lat: km / 111.195, lon: 55 }] }, ...more });

describe("exchanges with Postgres of a batch of a thousand", () => {
  test("at most 8: new ones in groups, then reports of them, of which some bridge signals and groups, then all again", async () => {
    const all = shuffled(manyReports(400), 3);
    const most: number[] = [];
    for (let n = 0; n < 1000; n += 200) await batch(all.slice(n, n + 200)); // prepares the statements
    for (let n = 1000; n < 4000; n += 1000) {
      const { answer, exchanges } = await counted(() => batch(all.slice(n, n + 1000)));
      expect(outcomes(answer).seen).toBeGreaterThan(400);
      most.push(exchanges);
    }
    expect(Math.max(...most)).toBeLessThanOrEqual(8);
    const again = await counted(() => batch(all.filter(({ externalId }) => externalId).slice(0, 1000)));
    expect(outcomes(again.answer)).toEqual({ created: 0, seen: 0, unchanged: 1000, refused: 0 });
    expect(again.exchanges).toBeLessThanOrEqual(8);
  });

  test("at most 8: where people split the group that they join", async () => {
    const some = (count: number, from: number) =>
      Array.from({ length: count }, (_, n) => at(5000 + ((n * 7) % 60), { title: `Split ${from + n}` }));
    const made = await batch(some(20, 0));
    const { groupId } = await lived(api, made.body.items[0].id);
    const signalIds = made.body.items.slice(0, 5).map(({ id }: { id: string }) => id);
    await api.post(`/signal-groups/${groupId}/split`, { version: 1, signalIds });
    await batch(some(20, 100)); // prepares what is only asked where something is apart
    const { answer, exchanges } = await counted(() => batch(some(1000, 1000)));
    expect(outcomes(answer).created).toBe(1000);
    expect(exchanges).toBeLessThanOrEqual(8);
  });
});

describe("exchanges with Postgres of a feed of 163 alerts", () => {
  test("at most 7 the first time, 3 where all have come already", { timeout: 60_000 }, async () => {
    const feed = (classification: string) =>
      sendCap(api, sample("nws-atom-feed.xml"), { classification }, { "idempotency-key": crypto.randomUUID() });
    for (const level of ["public", "public"]) await feed(level); // prepares the statements
    const first = await counted(() => feed("confidential"));
    expect(first.answer.body.alerts).toHaveLength(163);
    expect(first.answer.body.changed).toBe(true);
    const again = await counted(() => feed("confidential"));
    expect(again.answer.body.changed).toBe(false);
    expect(first.exchanges).toBeLessThanOrEqual(7);
    expect(again.exchanges).toBeLessThanOrEqual(3);
  });
});

describe("exchanges with Postgres of a single report", () => {
  const single = async (report: () => Report) => {
    for (let warm = 0; warm < 6; warm += 1) await api.post("/signals", report());
    const { answer, exchanges } = await counted(() => api.post("/signals", report()));
    return { outcome: answer.body.outcome, exchanges };
  };

  test("2 where nothing could be like it; 3 with an external id or a place; 4 in a group, or where it is another report of a signal", async () => {
    let n = 0;
    expect(await single(() => aSignal())).toEqual({ outcome: "created", exchanges: 2 });
    expect(await single(() => aSignal({ externalId: `e-${n++}` }))).toEqual({ outcome: "created", exchanges: 3 });
    expect(await single(() => at(-2000 - 100 * n++, { title: "alone" }))).toEqual({ outcome: "created", exchanges: 3 });
    expect(await single(() => at(9000, { title: `grouped ${n++}` }))).toEqual({ outcome: "created", exchanges: 4 });
    expect(await single(() => at(-9000, { title: "seen" }))).toEqual({ outcome: "seen", exchanges: 4 });
  });
});
