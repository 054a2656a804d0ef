import { uuidOf } from "@dais/contracts/kit/ids";
import { beforeAll, describe, expect, test } from "vitest";
import { type Place, place } from "./support/place.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { aSignal } from "./support/samples.ts";
import { startServer } from "./support/server.ts";

let url: string;
let here: Place;
let api: RestClient;
const as = async (...permissions: string[]) => restClient(url, await here.key({ permissions }));
const elsewhere = async () => restClient(url, await (await place()).key());

beforeAll(async () => {
  url = (await startServer()).url;
  here = await place();
  api = restClient(url, await here.key());
});

const ingest = async (more?: object) =>
  (await api.post("/signals", aSignal(more as Record<string, unknown>))).body.signal;

describe("signals.ingest", () => {
  test("201: makes a new signal, with its address and one audit entry", async () => {
    const answer = await api.post("/signals", aSignal({ externalId: "a-1", entityId: here.entities.company }));
    const { signal } = answer.body;
    expect(answer).toMatchObject({ status: 201, body: { changed: true, signal: { state: "new", version: 1 } } });
    expect(answer.headers.get("location")).toBe(`/v1/signals/${signal.id}`);
    expect((await api.get(`/signals/${signal.id}`)).body).toEqual(signal);
    const trail = (await here.trail()).filter((row) => row.operation === "signals.ingest");
    expect(trail).toMatchObject([
      { action: "signal.ingest", outcome: "done", to_state: "new", from_state: null, changed: true },
    ]);
  });

  test("200: one that comes again word for word is answered as it is, and nothing changed", async () => {
    const first = await api.post("/signals", aSignal({ externalId: "a-2" }));
    const again = await api.post("/signals", aSignal({ externalId: "a-2" }));
    expect(again).toMatchObject({ status: 200, body: { changed: false, outcome: "unchanged" } });
    expect(again.body.signal).toEqual(first.body.signal);
  });

  test("403 signal_above_clearance: nobody writes what they may not read", async () => {
    const low = restClient(url, await here.key({ clearance: "internal" }));
    expect(await low.post("/signals", aSignal({ classification: "secret" }))).toMatchObject({
      status: 403,
      body: { code: "signal_above_clearance" },
    });
  });

  test("422: an entity of another organisation, or a level that there isn't", async () => {
    const other = await place();
    const foreign = await api.post("/signals", aSignal({ entityId: other.entities.company }));
    expect(foreign).toMatchObject({ status: 422, body: { code: "signal_entity_unknown" } });
    const unknown = await api.post("/signals", aSignal({ classification: "cosmic" }));
    expect(unknown).toMatchObject({ status: 422, body: { code: "signal_classification_unknown" } });
  });
});

describe("signals.ingestBatch", () => {
  test("200: answers each item in its order, and one that is refused keeps no other out", async () => {
    await ingest({ externalId: "b-0" });
    const items = [
      aSignal({ externalId: "b-0" }),
      aSignal({ externalId: "b-1" }),
      aSignal({ externalId: "b-1" }),
      aSignal({ classification: "cosmic" }),
      aSignal({ entityId: (await place()).entities.company }),
      aSignal(),
    ];
    const answer = await api.post("/signals/batch", { items });
    expect(answer.status).toBe(200);
    expect(answer.body.items.map((item: { outcome: string; problem: string }) => item.problem ?? item.outcome)).toEqual(
      ["unchanged", "created", "unchanged", "signal_classification_unknown", "signal_entity_unknown", "created"],
    );
    expect(answer.body.items[2].id).toBe(answer.body.items[1].id);
  });

  test("200: a batch of a thousand, each with its audit entry", async () => {
    const there = await place();
    const answer = await restClient(url, await there.key()).post("/signals/batch", {
      items: Array.from({ length: 1000 }, () => aSignal()),
    });
    expect(answer.body.items.filter((item: { outcome: string }) => item.outcome === "created")).toHaveLength(1000);
    expect(await there.trail()).toHaveLength(1000);
  });
});

describe("signals.get", () => {
  test("200: carries a strong ETag, and 304 to who has it", async () => {
    const { id } = await ingest();
    const answer = await api.get(`/signals/${id}`);
    expect(answer.headers.get("etag")).toBe('"1"');
    expect((await api.get(`/signals/${id}`, { "if-none-match": 'W/"1"' })).status).toBe(304);
    expect((await api.get(`/signals/${id}`, { "if-none-match": '"7"' })).status).toBe(200);
  });

  test("404: another organisation's, and one above the caller's clearance, look like none at all", async () => {
    const { id } = await ingest({ classification: "secret" });
    const low = restClient(url, await here.key({ clearance: "confidential" }));
    const never = "/signals/sig_01kejc8ht0e6ssypg6m30swm9g";
    const answers = [
      await (await elsewhere()).get(`/signals/${id}`),
      await low.get(`/signals/${id}`),
      await api.get(never),
    ];
    for (const answer of answers) expect(answer).toMatchObject({ status: 404, body: { code: "signal_not_found" } });
  });
});

describe("signals.list", () => {
  test("200: pages by a signed cursor, newest first, complete while rows are inserted", async () => {
    const there = await place();
    const mine = restClient(url, await there.key());
    const at = (hour: number) =>
      aSignal({ title: `h${hour}`, occurredAt: `2026-01-06T${String(hour).padStart(2, "0")}:00:00.000Z` });
    await mine.post("/signals/batch", { items: [1, 2, 3, 4, 5].map(at) });
    const first = (await mine.get("/signals?limit=2")).body;
    await mine.post("/signals", at(9));
    const second = (await mine.get(`/signals?limit=2&cursor=${first.nextCursor}`)).body;
    const third = (await mine.get(`/signals?limit=2&cursor=${second.nextCursor}`)).body;
    const titles = [first, second, third].flatMap((page) => page.items.map((item: { title: string }) => item.title));
    expect(titles).toEqual(["h5", "h4", "h3", "h2", "h1"]);
    expect(third.nextCursor).toBeNull();
  });

  test("200: filters by several values, source, entity and time, and leaves out what lies above the clearance", async () => {
    const there = await place();
    const mine = restClient(url, await there.key());
    await mine.post("/signals/batch", {
      items: [
        aSignal({ title: "a", severity: "minor", source: "cap" }),
        aSignal({ title: "b", severity: "extreme", classification: "secret" }),
        aSignal({
          title: "c",
          severity: "moderate",
          entityId: there.entities.company,
          occurredAt: "2026-01-07T00:00:00Z",
        }),
      ],
    });
    const titles = async (query: string, client = mine) =>
      (await client.get(`/signals${query}`)).body.items.map((item: { title: string }) => item.title).sort();
    expect(await titles("?severity=minor&severity=extreme")).toEqual(["a", "b"]);
    expect(await titles("?source=cap")).toEqual(["a"]);
    expect(await titles(`?entityId=${there.entities.company}`)).toEqual(["c"]);
    expect(await titles("?since=2026-01-06T12:00:00Z")).toEqual(["c"]);
    expect(await titles("", restClient(url, await there.key({ clearance: "internal" })))).toEqual(["a", "c"]);
  });

  test("400 invalid_cursor: forged, of another organisation, or of other filters", async () => {
    const there = await place();
    const mine = restClient(url, await there.key());
    await mine.post("/signals/batch", { items: [aSignal(), aSignal()] });
    const { nextCursor } = (await mine.get("/signals?limit=1")).body;
    const forged = `${Buffer.from('["2026-01-01T00:00:00.000Z","x"]').toString("base64url")}.${nextCursor.split(".")[1]}`;
    const answers = [
      await mine.get(`/signals?limit=1&cursor=${forged}`),
      await api.get(`/signals?limit=1&cursor=${nextCursor}`),
      await mine.get(`/signals?limit=1&severity=minor&cursor=${nextCursor}`),
    ];
    for (const answer of answers) expect(answer).toMatchObject({ status: 400, body: { code: "invalid_cursor" } });
  });
});

describe("signals.moves", () => {
  test("200: says what the caller may do now, and for the rest which problem they would get", async () => {
    const { id } = await ingest();
    const reader = await as("signal.read", "signal.acknowledge");
    expect((await reader.get(`/signals/${id}/moves`)).body.items).toEqual([
      { event: "acknowledge", to: "acknowledged", allowed: true, why: null },
      { event: "snooze", to: "snoozed", allowed: false, why: "forbidden" },
      { event: "dismiss", to: null, allowed: false, why: "forbidden" },
      { event: "escalate", to: null, allowed: false, why: "forbidden" },
      { event: "reopen", to: null, allowed: false, why: "forbidden" },
    ]);
  });
});

describe.each(["dismiss", "escalate"] as const)("an acknowledged signal: %s", (event) => {
  test("200: ends it with a reason, on record", async () => {
    const { id } = await ingest();
    await api.post(`/signals/${id}/acknowledge`, { version: 1 });
    const answer = await api.post(`/signals/${id}/${event}`, { version: 2, reason: "Looked at." });
    expect(answer).toMatchObject({ status: 200, body: { version: 3, stateReason: "Looked at." } });
    const [entry] = (await here.trail(uuidOf(id))).slice(-1);
    expect(entry).toMatchObject({
      event,
      from_state: "acknowledged",
      to_state: answer.body.state,
      reason: "Looked at.",
    });
  });
});

describe("signals.dismiss", () => {
  test("409 signal_wrong_state: a new signal can't be dismissed", async () => {
    const { id } = await ingest();
    const answer = await api.post(`/signals/${id}/dismiss`, { version: 1, reason: "No." });
    expect(answer).toMatchObject({ status: 409, body: { code: "signal_wrong_state", state: "new" } });
  });
});

describe("signals.escalate", () => {
  test("403: without the permission", async () => {
    const { id } = await ingest();
    const answer = await (await as("signal.read")).post(`/signals/${id}/escalate`, { version: 1, reason: "x" });
    expect(answer).toMatchObject({ status: 403, body: { code: "forbidden", permission: "signal.escalate" } });
  });
});

describe("signals.acknowledge", () => {
  test("200: moves a new signal on, by version or by If-Match", async () => {
    const [one, two] = [await ingest(), await ingest()];
    expect(await api.post(`/signals/${one.id}/acknowledge`, { version: 1 })).toMatchObject({
      status: 200,
      body: { state: "acknowledged", version: 2 },
    });
    expect(
      (await api.post(`/signals/${two.id}/acknowledge`, undefined, { "if-match": '"1"' })).headers.get("etag"),
    ).toBe('"2"');
  });

  test("412 signal_changed: an older version is refused, before the state is looked at", async () => {
    const { id } = await ingest();
    await api.post(`/signals/${id}/acknowledge`, { version: 1 });
    const answer = await api.post(`/signals/${id}/acknowledge`, { version: 1 });
    expect(answer).toMatchObject({ status: 412, body: { code: "signal_changed", version: 2 } });
  });

  test("one of ten at once wins, the others are told that it has changed", async () => {
    const { id } = await ingest();
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => api.post(`/signals/${id}/acknowledge`, { version: 1 })),
    );
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, ...Array(9).fill(412)]);
  });

  test("404: another organisation's leaves no trace in either", async () => {
    const { id } = await ingest();
    expect((await (await elsewhere()).post(`/signals/${id}/acknowledge`, { version: 1 })).status).toBe(404);
    expect(await here.trail(uuidOf(id))).toHaveLength(1);
  });
});
