import { uuidOf } from "@dais/contracts/kit/ids";
import { canonical } from "@dais/kernel/canonical";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { alertsXml, anAlert, sendCap } from "./support/cap/door.ts";
import { manyReports } from "./support/many.ts";
import { type Place, place } from "./support/place.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { aSignal } from "./support/samples.ts";
import { startServer } from "./support/server.ts";
import { cases, everySignal, lived, type Report, send, sent, shuffled, sorted, together } from "./support/signals.ts";
import { told } from "./support/told.ts";

let url: string;
let here: Place;
let api: RestClient;

beforeAll(async () => {
  url = (await startServer()).url;
});
beforeEach(async () => {
  here = await place();
  api = restClient(url, await here.key());
});

/** A report from so many kilometres north of the others, and so many minutes later. */
const at = (km: number, minutes = 0, more: Report = {}) =>
  aSignal({
    place: { points: [{ lat: 25 + km / 111.195, lon: 55 }] },
    occurredAt: new Date(Date.UTC(2026, 0, 6, 4, minutes)).toISOString(),
    ...more,
  });
const ingest = async (report: Report) => (await api.post("/signals", report)).body;
const get = async (id: string) => (await api.get(`/signals/${id}`)).body;

/** What a signal says, without what depends on when and in which order it was made. */
const said = ({
  id: _id,
  version: _version,
  createdAt: _created,
  updatedAt: _updated,
  groupId: _group,
  ...rest
}: Report) => canonical(rest);
/** All signals that were not merged, and their groups, by what they say. */
async function world(client: RestClient) {
  const all = (await everySignal(client)).map((signal) => [said(signal), signal.groupId as string | null] as const);
  return { signals: all.map(([signal]) => signal).sort(), groups: together(all) };
}

describe("which reports are one signal", () => {
  test.each(cases)("$name", async ({ reports, signals }) => {
    for (const [seed, size] of [
      [1, 1000],
      [2, 1],
      [3, 2],
    ] as const) {
      const there = await place();
      const client = restClient(url, await there.key());
      const order = shuffled(Object.entries(reports), seed);
      const answers = await send(
        client,
        order.map(([, report]) => sent(there, report)),
        size,
      );
      const now = await Promise.all(
        answers.map(async ({ id }, n) => [order[n]?.[0] as string, (await lived(client, id as string)).id] as const),
      );
      expect(together(now)).toEqual(sorted(signals));
    }
  });
});

describe("the order of reports", () => {
  const count = Number(process.env.SIGNALS ?? 1000);
  const orders = Number(process.env.ORDERS ?? 4);

  test(`${count * 10} reports in ${orders} orders: the same ${count} signals, and the same groups`, {
    timeout: 60_000 + orders * 30_000,
  }, async () => {
    const all = manyReports(count);
    const worlds: Awaited<ReturnType<typeof world>>[] = [];
    for (let seed = 0; seed < orders; seed += 1) {
      const client = restClient(url, await (await place()).key());
      const answers = await send(client, seed === 0 ? all : shuffled(all, seed), [1000, 1000, 137, 1000][seed % 4]);
      expect(answers.filter(({ outcome }) => outcome === "unchanged")).toHaveLength(count);
      worlds.push(await world(client));
      expect(worlds.at(-1)?.signals).toHaveLength(count);
      expect(worlds.at(-1)).toEqual(worlds[0]);
    }
    expect(worlds[0]?.groups.map((group) => group.length)).toEqual(Array(count / 5).fill(5));
  });

  test("one by one it comes to the same as in batches", { timeout: 120_000 }, async () => {
    const all = manyReports(Number(process.env.SINGLES ?? 50));
    const [batched, single] = [restClient(url, await (await place()).key()), api];
    await send(batched, all);
    for (const report of shuffled(all, 7)) await single.post("/signals", report);
    expect(await world(single)).toEqual(await world(batched));
  });

  test("nor does it matter how many come at once, to two servers", { timeout: 120_000 }, async () => {
    const all = manyReports(100);
    const other = await startServer();
    const apart = restClient(url, await (await place()).key());
    await send(apart, all);
    const key = await here.key();
    const clients = [restClient(url, key), restClient(other.url, key)];
    const parts = Array.from({ length: 10 }, (_, n) => shuffled(all, n + 20).filter((_, m) => m % 10 === n));
    const missing = all.filter((report) => !parts.flat().includes(report));
    const answers = await Promise.all([
      ...parts.map((part, n) => (clients[n % 2] as RestClient).post("/signals/batch", { items: part })),
      ...missing.map((report, n) => (clients[n % 2] as RestClient).post("/signals", report)),
    ]);
    // Whether a single one makes its signal is a matter of who comes first.
    for (const { status } of answers) expect([200, 201]).toContain(status);
    const found = await world(api);
    // What fell to several parts was sent more than once, so only the counters may differ.
    const counted = (signal: string) => signal.replace(/"sightings":\d+/, "");
    expect(found.signals.map(counted).sort()).toEqual((await world(apart)).signals.map(counted).sort());
  });
});

describe("what several reports say together", () => {
  test("the words of the newest, and of each source's last word the greatest severity, the highest confidence, the earliest time", async () => {
    const one = { source: "one", externalId: "x-1" };
    const when = (minute: number) => new Date(Date.UTC(2026, 0, 6, 5, minute)).toISOString();
    const reports = [
      at(0, 10, { ...one, body: "first", severity: "extreme", confidence: 0.9, reportedAt: when(0) }),
      at(1, 20, { ...one, body: "corrected", severity: "minor", confidence: 0.4, reportedAt: when(20) }),
      at(2, 5, { source: "two", body: "other", severity: "moderate", confidence: 0.6, reportedAt: when(10) }),
    ];
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 0, 2],
    ]) {
      const client = restClient(url, await (await place()).key());
      for (const n of order) await client.post("/signals", reports[n]);
      const [signal, ...others] = await everySignal(client);
      expect(others).toEqual([]);
      expect(signal).toMatchObject({
        ...one,
        body: "corrected",
        severity: "moderate",
        confidence: 0.6,
        occurredAt: "2026-01-06T04:05:00.000Z",
        reportedAt: when(20),
        lastSeenAt: when(20),
        sightings: 3,
      });
    }
  });

  test("of two that were reported at the same moment, always the same one is the newer", async () => {
    const reports = ["one", "two", "three"].map((body) => at(0, 0, { body, source: "same" }));
    const bodies = new Set<string>();
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 2, 0],
      [0, 2, 1],
    ]) {
      const client = restClient(url, await (await place()).key());
      for (const n of order) await client.post("/signals", reports[n]);
      bodies.add((await everySignal(client))[0]?.body);
    }
    expect(bodies.size).toBe(1);
  });

  test("200 seen: a report that counts for a signal is on record, and told only where it changed what is said", async () => {
    const { signal } = await ingest(at(0, 0, { body: "new", reportedAt: "2026-01-06T05:00:00.000Z" }));
    const older = await api.post("/signals", at(1, 0, { body: "old", reportedAt: "2026-01-06T04:30:00.000Z" }));
    expect(older).toMatchObject({ status: 200, body: { changed: false, outcome: "seen" } });
    expect(older.body.signal).toMatchObject({ id: signal.id, body: "new", sightings: 2, version: 2 });
    const newer = await ingest(at(1, 0, { body: "newer", reportedAt: "2026-01-06T06:00:00.000Z" }));
    expect(newer.signal).toMatchObject({ id: signal.id, body: "newer", sightings: 3, version: 3 });
    expect((await told(here)).map(([name]) => name)).toEqual(["signal.ingested", "signal.updated"]);
    expect(await here.trail(uuidOf(signal.id))).toMatchObject([
      { event: "ingest", resource_version: 1 },
      { event: null, resource_version: 2, changes: { sightings: [1, 2] } },
      { event: null, resource_version: 3, changes: { body: ["new", "newer"] } },
    ]);
  });

  test("200 unchanged: word for word again under its external id, also in the same batch and in another way to write a moment", async () => {
    const report = at(0, 0, { externalId: "x-1", occurredAt: "2026-01-06T04:00:00Z" });
    const again = { ...report, occurredAt: "2026-01-06T04:00:00.000Z" };
    const answers = await send(api, [report, again, { ...report, body: "Other words." }]);
    expect(answers.map(({ outcome }) => outcome)).toEqual(["created", "unchanged", "seen"]);
    expect((await send(api, [again]))[0]).toMatchObject({ outcome: "unchanged", id: answers[0]?.id });
    expect(await get(answers[0]?.id as string)).toMatchObject({ sightings: 2 });
  });

  test("without an external id each report counts, also the same words", async () => {
    const answers = await send(api, [at(0), at(0), at(0)]);
    expect(answers.map(({ outcome }) => outcome)).toEqual(["created", "seen", "seen"]);
    expect(await get(answers[0]?.id as string)).toMatchObject({ sightings: 3 });
  });
});

describe("a report that bridges two signals", () => {
  const bridged = async () => {
    const [older, younger] = [(await ingest(at(0))).signal, (await ingest(at(8))).signal];
    return { older, younger };
  };

  test("makes them one: the older remains, the other is merged, audited and told", async () => {
    const { older, younger } = await bridged();
    const { outcome, signal } = await ingest(at(4, 0, { reportedAt: "2026-01-06T09:00:00.000Z" }));
    expect({ outcome, id: signal.id, sightings: signal.sightings }).toEqual({
      outcome: "seen",
      id: older.id,
      sightings: 3,
    });
    expect(await get(younger.id)).toMatchObject({ state: "merged", mergedInto: older.id, sightings: 1, version: 2 });
    expect((await here.trail(uuidOf(younger.id))).at(-1)).toMatchObject({
      event: "merge",
      from_state: "new",
      to_state: "merged",
    });
    expect(await told(here)).toContainEqual([
      "signal.merged",
      { id: younger.id, from: "new", to: "merged", reason: null },
    ]);
  });

  test("lists leave the merged one out, unless they are asked for its state", async () => {
    const { older, younger } = await bridged();
    await ingest(at(4));
    const ids = async (query = "") => (await everySignal(api, query)).map(({ id }) => id);
    expect(await ids()).toEqual([older.id]);
    expect(await ids("&state=merged")).toEqual([younger.id]);
  });

  test("what comes for the merged one counts for the one that remains, over any number of steps", async () => {
    const ids: string[] = [];
    for (const km of [16, 8, 0]) ids.push((await ingest(at(km, 0, { externalId: `x-${km}` }))).signal.id);
    // The youngest two become one first, then all.
    await ingest(at(4));
    await ingest(at(12));
    expect((await get(ids[1] as string)).mergedInto).toBe(ids[0]);
    expect((await get(ids[2] as string)).mergedInto).toBe(ids[0]);
    expect((await ingest(at(500, 999, { externalId: "x-0", title: "Far away by now" }))).signal.id).toBe(ids[0]);
  });

  test("a dismissed one is open again when it takes in one that is open; otherwise it stays closed", async () => {
    const { older } = await bridged();
    await api.post(`/signals/${older.id}/acknowledge`, { version: (await get(older.id)).version });
    await api.post(`/signals/${older.id}/dismiss`, { version: (await get(older.id)).version, reason: "A test." });
    expect((await ingest(at(-1))).signal).toMatchObject({ id: older.id, state: "dismissed" });
    expect((await ingest(at(4))).signal).toMatchObject({ id: older.id, state: "new", stateReason: null });
    expect((await told(here)).map(([name]) => name)).toContain("signal.reopened");
  });

  test("one that its source withdrew stays so when that reports it late, and is there again when another source does", async () => {
    const alert = { identifier: "x-1", sent: "2026-01-06T03:58:00-00:00", info: { headline: "Flood Watch" } };
    const cancel = { identifier: "x-2", sent: "2026-01-06T04:30:00-00:00", alert: { msgType: "Cancel" } };
    const taken = await sendCap(api, alertsXml(anAlert(alert), anAlert({ ...cancel, references: [alert] })), {
      source: "nws",
    });
    const id = taken.body.alerts[0].signalId;
    expect(await get(id)).toMatchObject({ state: "withdrawn", sightings: 1 });
    const there = { place: { points: [{ lat: 25, lon: 55 }], polygons: [], circles: [] } };
    const late = await ingest(aSignal({ ...there, externalId: "x-1", body: "As it was." }));
    expect(late).toMatchObject({ outcome: "seen", signal: { id, state: "withdrawn", sightings: 2 } });
    const another = await ingest(aSignal({ ...there, source: "radio" }));
    expect(another).toMatchObject({ outcome: "seen", signal: { id, state: "new", sightings: 3 } });
    expect(await get(id)).toEqual(another.signal);
    expect((await told(here)).map(([name]) => name)).toContain("signal.reopened");
  });
});

describe("walls between reports", () => {
  test("what a caller may not see doesn't take in what they report, and doesn't show by it", async () => {
    const low = restClient(url, await here.key({ clearance: "internal" }));
    const secret = await ingest(at(0, 0, { externalId: "x-1", classification: "secret" }));
    const answer = await low.post("/signals", at(0, 0, { externalId: "x-1" }));
    expect(answer).toMatchObject({ status: 201, body: { outcome: "created", signal: { sightings: 1 } } });
    expect(answer.body.signal.id).not.toBe(secret.signal.id);
    expect(await get(secret.signal.id)).toMatchObject({ sightings: 1, version: 2 });
  });

  test("another organisation's reports are nobody else's", async () => {
    await ingest(at(0, 0, { externalId: "x-1" }));
    const theirs = restClient(url, await (await place()).key());
    expect((await theirs.post("/signals", at(0, 0, { externalId: "x-1" }))).body).toMatchObject({ outcome: "created" });
  });

  test("one that is refused takes none with it that is like it", async () => {
    const foreign = (await place()).entities.company;
    const answers = await send(api, [at(0, 0, { entityId: foreign }), at(0), at(0, 0, { entityId: foreign })]);
    expect(answers.map(({ outcome, problem }) => problem ?? outcome)).toEqual([
      "signal_entity_unknown",
      "created",
      "signal_entity_unknown",
    ]);
  });
});

describe("places", () => {
  const square = [
    [25, 55],
    [25, 56],
    [26, 56],
    [26, 55],
    [25, 55],
  ].map(([lat, lon]) => ({ lat, lon }));

  test("201: points, closed polygons, circles, geocodes and translations come back as they were said", async () => {
    const where = {
      place: { points: [{ lat: -90, lon: 180 }], polygons: [square], circles: [{ lat: 0, lon: -180, radiusKm: 12.5 }] },
      geocodes: [
        { scheme: "SAME", value: "048=453" },
        { scheme: "UGC", value: "TXC453" },
      ],
      translations: [{ language: "ar", title: "فيضان", body: "<b>نص</b>" }],
    };
    const { signal } = await ingest(aSignal(where));
    expect(await get(signal.id)).toMatchObject(where);
  });

  test.each([
    ["a latitude beyond the pole", { points: [{ lat: 90.001, lon: 0 }] }, "/body/place/points/0/lat"],
    ["a longitude beyond 180", { points: [{ lat: 0, lon: -180.001 }] }, "/body/place/points/0/lon"],
    [
      "a polygon of three points",
      { polygons: [[...square.slice(0, 2), ...square.slice(0, 1)]] },
      "/body/place/polygons/0",
    ],
    ["a polygon that is open", { polygons: [square.slice(0, 4)] }, "/body/place/polygons/0"],
    [
      "a circle of a negative radius",
      { circles: [{ lat: 0, lon: 0, radiusKm: -1 }] },
      "/body/place/circles/0/radiusKm",
    ],
    ["no shape at all", {}, "/body/place"],
    ["a field that nobody knows", { points: [{ lat: 0, lon: 0, altitude: 3 }] }, "/body/place/points/0/altitude"],
  ])("400 invalid_input: %s", async (_, where, pointer) => {
    expect(await api.post("/signals", aSignal({ place: where }))).toMatchObject({
      status: 400,
      body: { code: "invalid_input", errors: [{ pointer }] },
    });
  });
});
