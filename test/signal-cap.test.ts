import { uuidOf } from "@dais/contracts/kit/ids";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { sample } from "./support/cap/documents.ts";
import { alertsXml, anAlert, outcomes, type Said, sendCap } from "./support/cap/door.ts";
import { type Place, place } from "./support/place.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { aSignal } from "./support/samples.ts";
import { startServer } from "./support/server.ts";
import { everySignal } from "./support/signals.ts";
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

const storm: Said = { identifier: "storm-1", sent: "2026-01-06T08:00:00+04:00", info: { headline: "Storm" } };
const eased: Said = {
  ...{ identifier: "storm-2", sent: "2026-01-06T09:00:00+04:00", references: [storm] },
  ...{ alert: { msgType: "Update" }, info: { headline: "Storm eases", severity: "Minor" } },
};
const over: Said = {
  ...{ identifier: "storm-3", sent: "2026-01-06T10:00:00+04:00", references: [storm, eased], info: null },
  alert: { msgType: "Cancel", note: "The storm has passed." },
};
const get = async (id: string) => (await api.get(`/signals/${id}`)).body;
const only = async (said: Said, query?: Record<string, string>) =>
  (await sendCap(api, anAlert(said), query)).body.alerts[0];

describe("signals.ingestCap", () => {
  test("200: an alert becomes a signal, field by field", async () => {
    const answer = await sendCap(api, sample("earthquake.cap"));
    expect(answer).toMatchObject({
      status: 200,
      body: { changed: true, alerts: [{ outcome: "created", sender: expect.stringContaining("usgs") }], findings: [] },
    });
    expect(await get(answer.body.alerts[0].signalId)).toMatchObject({
      source: "earthquake.usgs.gov",
      externalId: "USGS-earthquakes-us2010apcd.6.20100831T000925.496Z",
      title: "EQ 6.3 Neiafu, Tonga - PRELIMINARY REPORT",
      severity: "unknown",
      category: "geo",
      classification: "internal",
      confidence: 0.75,
      language: "en-US",
      place: { points: [], polygons: [], circles: [{ lat: -16.053, lon: -173.274, radiusKm: 0 }] },
      occurredAt: "2010-08-31T05:09:25.000Z",
      expiresAt: "2010-09-02T05:09:25.000Z",
      state: "new",
    });
  });

  test("200: all 163 entries of a feed of summaries, and every file", async () => {
    const files: Record<string, string[]> = {
      "australia.cap": ["created"],
      "canada.cap": ["created"],
      // It comes under the name of canada.cap, and says something else.
      "canada_errors.cap": ["unchanged"],
      "earthquake.cap": ["created"],
      "weather.cap": ["created"],
    };
    const feed = await sendCap(api, sample("nws-atom-feed.xml"), {}, { "content-type": "application/atom+xml" });
    expect(feed.status).toBe(200);
    expect(feed.body.alerts).toHaveLength(163);
    expect(feed.body.alerts.filter(({ outcome }: { outcome: string }) => outcome === "refused")).toEqual([]);
    const ids = new Set(feed.body.alerts.map(({ signalId }: { signalId: string }) => signalId));
    expect(await everySignal(api)).toHaveLength(ids.size);
    for (const [file, expected] of Object.entries(files))
      expect(
        outcomes(await sendCap(api, sample(file))).map(([outcome]) => outcome),
        file,
      ).toEqual(expected);
    const again = await sendCap(api, sample("nws-atom-feed.xml"));
    expect(again.body.changed).toBe(false);
    expect(new Set(outcomes(again).map(([outcome]) => outcome))).toEqual(new Set(["unchanged"]));
  });

  test("200: a faulty alert is taken with what there is to say of it", async () => {
    const { body } = await sendCap(api, sample("canada_errors.cap"));
    expect(body.alerts[0].findings).toContainEqual(
      expect.objectContaining({ code: "references_missing", xpath: expect.stringMatching(/^\/alert/) }),
    );
    const { items } = (await api.get("/signals/alerts")).body;
    expect(items[0].warnings).toContainEqual(expect.stringMatching(/^references_missing \/alert/));
  });

  test("200: languages are translations of one signal", async () => {
    const { body } = await sendCap(api, sample("canada.cap"));
    const signal = await get(body.alerts[0].signalId);
    expect(signal.language).toBe("en-CA");
    expect(signal.translations).toMatchObject([{ language: "fr-CA", title: expect.any(String) }]);
    expect(signal.place.polygons.length).toBeGreaterThan(0);
    expect(signal.geocodes.map(({ scheme }: { scheme: string }) => scheme)).toContain("profile:CAP-CP:Location:0.3");
  });

  test("200: several infos of one language are one signal, with the worst of them and every place", async () => {
    const { body } = await sendCap(api, sample("australia.cap"));
    expect(body.alerts).toHaveLength(1);
    expect((await get(body.alerts[0].signalId)).body).toContain("LOCATION: 12 Cox Street, Yerong Creek<br />");
  });

  test("200: an update says anew what happens, a cancellation takes it back, and all is on record", async () => {
    const first = await only(storm);
    expect(await only(eased)).toMatchObject({ outcome: "updated", signalId: first.signalId, findings: [] });
    expect(await get(first.signalId)).toMatchObject({ title: "Storm eases", severity: "minor", sightings: 2 });
    expect(await only(over)).toMatchObject({ outcome: "withdrawn", signalId: first.signalId, findings: [] });
    expect(await get(first.signalId)).toMatchObject({ state: "withdrawn", stateReason: "The storm has passed." });
    const names = (await told(here)).map(([name]) => name);
    expect(names).toEqual(["signal.ingested", "signal.updated", "signal.withdrawn"]);
    expect((await here.trail(uuidOf(first.signalId))).map(({ event }) => event)).toEqual(["ingest", null, "withdraw"]);
  });

  test("200: an update that was sent after a cancellation brings the signal back", async () => {
    const first = await only(storm);
    await only(over);
    const later = { ...eased, sent: "2026-01-06T11:00:00+04:00" };
    expect(await only(later)).toMatchObject({ outcome: "updated", signalId: first.signalId });
    expect(await get(first.signalId)).toMatchObject({ state: "new", title: "Storm eases" });
    expect((await told(here)).map(([name]) => name)).toContain("signal.reopened");
  });

  test("200: what is not of status Actual, an acknowledgement and an error are kept, and change no signal", async () => {
    const first = await only(storm);
    for (const status of ["Exercise", "System", "Test", "Draft"])
      expect(await only({ ...storm, identifier: status, alert: { status } })).toMatchObject({
        ...{ outcome: "kept", signalId: null },
      });
    const about = { references: [storm], info: null };
    for (const msgType of ["Ack", "Error"])
      expect(await only({ ...storm, ...about, identifier: msgType, alert: { msgType } })).toMatchObject({
        ...{ outcome: "kept", signalId: first.signalId },
      });
    const exercised = { ...over, alert: { ...over.alert, status: "Exercise" } };
    expect(await only(exercised)).toMatchObject({ outcome: "kept" });
    expect(await get(first.signalId)).toMatchObject({ state: "new", version: 1 });
    expect((await api.get("/signals/alerts")).body.items).toHaveLength(8);
    const kept = (await here.trail()).filter((entry) => entry.resource_type === "signal_alert");
    expect(kept).toHaveLength(7);
  });

  test("200: references to alerts that never came are said, and lead to them when they come", async () => {
    const early = await only(eased);
    expect(early).toMatchObject({
      outcome: "created",
      findings: [{ code: "reference_unknown", xpath: "/alert/references" }],
    });
    const first = await only(storm);
    expect(first).toMatchObject({ outcome: "seen", signalId: early.signalId, findings: [{ code: "older" }] });
    expect(await get(early.signalId)).toMatchObject({ title: "Storm eases", sightings: 2 });
    const cancelled = { ...over, identifier: "lost", references: [{ ...storm, identifier: "nowhere" }] };
    expect(await only(cancelled)).toMatchObject({
      ...{ outcome: "kept", signalId: null, findings: [{ code: "reference_unknown" }] },
    });
  });

  test("200: an update older than what it updates counts, and says nothing anew", async () => {
    const first = await only({ ...storm, sent: "2026-01-06T12:00:00+04:00" });
    const older = { ...eased, references: [{ ...storm, sent: "2026-01-06T12:00:00+04:00" }] };
    expect(await only(older)).toMatchObject({ outcome: "seen", findings: [{ code: "older" }] });
    expect(await get(first.signalId)).toMatchObject({ title: "Storm", severity: "severe", sightings: 2 });
    const tooEarly = { ...over, references: older.references };
    expect(await only(tooEarly)).toMatchObject({ outcome: "kept", findings: [{ code: "older" }] });
    expect(await get(first.signalId)).toMatchObject({ state: "new" });
  });

  test("200: nobody acts on another sender's alert; the two are one group", async () => {
    const first = await only(storm);
    const sender = "somebody@else.example";
    const takeover = { ...over, sender, references: [storm] };
    expect(await only(takeover)).toMatchObject({ outcome: "kept", findings: [{ code: "reference_foreign" }] });
    expect(await get(first.signalId)).toMatchObject({ state: "new" });
    const place = "<circle>-30,-60 1</circle>";
    const other = await only({ ...eased, identifier: "theirs", sender, references: [storm], area: place });
    expect(other).toMatchObject({ outcome: "created", findings: [{ code: "reference_foreign" }] });
    const [one, two] = [await get(first.signalId), await get(other.signalId)];
    expect(one.groupId).not.toBeNull();
    expect(two.groupId).toBe(one.groupId);
  });

  test("200: what another source still says is not withdrawn", async () => {
    const first = await only(storm);
    await api.post("/signals", aSignal({ title: "Storm", occurredAt: "2026-01-06T04:10:00Z", place: at(25, 55) }));
    expect(await get(first.signalId)).toMatchObject({ sightings: 2 });
    expect(await only(over)).toMatchObject({
      outcome: "kept",
      findings: [{ code: "reference_unknown" }, { code: "others_remain" }],
    });
    expect(await get(first.signalId)).toMatchObject({ state: "new" });
  });

  test("200: the same alert from two sources is one signal of both; the same from one is nothing new", async () => {
    const first = await only(storm, { source: "nws" });
    expect(await only(storm, { source: "relay" })).toMatchObject({ outcome: "seen", signalId: first.signalId });
    expect(await only(storm, { source: "relay" })).toMatchObject({ outcome: "unchanged", signalId: first.signalId });
    expect(await get(first.signalId)).toMatchObject({ sightings: 2 });
    expect((await api.get("/signals/alerts")).body.items).toMatchObject([{ source: "nws" }]);
  });

  test("200: what comes again under its name with other words is said to differ, and the first counts", async () => {
    const first = await only(storm);
    const forged = await only({ ...storm, info: { headline: "No storm at all", severity: "Minor" } });
    expect(forged).toMatchObject({ outcome: "unchanged", findings: [{ code: "alert_differs" }] });
    expect(await get(first.signalId)).toMatchObject({ title: "Storm", severity: "severe", version: 1 });
  });

  test("200: one that is refused doesn't keep the others out, and comes in its place", async () => {
    const bad = anAlert({ ...storm, identifier: "bad", info: { severity: "Terrible" } });
    const answer = await sendCap(api, alertsXml(anAlert(storm), bad, anAlert(eased)));
    expect(outcomes(answer)).toEqual([["created"], ["refused", "value_unknown"], ["updated"]]);
    expect(answer.body.alerts[1]).toMatchObject({
      ...{ signalId: null, sender: null, identifier: null, sent: null },
      findings: [{ xpath: "/alerts/alert[2]/info[1]/severity" }],
    });
  });

  test("200: the same request under its key is answered again, and not done again; another one is 422", async () => {
    const headers = { "idempotency-key": "k-1" };
    const once = await sendCap(api, anAlert(storm), {}, headers);
    const twice = await sendCap(api, anAlert(storm), {}, headers);
    expect(twice.body).toEqual(once.body);
    expect(twice.headers.get("idempotency-replayed")).toBe("true");
    expect((await sendCap(api, anAlert(eased), {}, headers)).body.code).toBe("idempotency_key_reused");
  });

  test("200: entity and classification belong to all of them, and others never meet", async () => {
    const first = await only(storm, { entityId: here.entities.company });
    expect(await get(first.signalId)).toMatchObject({ entityId: here.entities.company });
    const elsewhere = await only(storm, { classification: "secret" });
    expect(elsewhere).toMatchObject({ outcome: "created" });
    expect(elsewhere.signalId).not.toBe(first.signalId);
  });

  test("422: an entity, or a level, that isn't there; 403: a level above the caller's", async () => {
    const codeOf = async (query: Record<string, string>, client = api) =>
      (await sendCap(client, anAlert(storm), query)).body.code;
    expect(await codeOf({ entityId: (await place()).entities.company })).toBe("signal_entity_unknown");
    expect(await codeOf({ classification: "cosmic" })).toBe("signal_classification_unknown");
    const low = restClient(url, await here.key({ clearance: "internal" }));
    expect(await codeOf({ classification: "secret" }, low)).toBe("signal_above_clearance");
    expect(await everySignal(api)).toEqual([]);
  });

  test("200: an alert at a level above the caller's is no alert to them: theirs is another one", async () => {
    await only(storm, { classification: "secret" });
    const low = restClient(url, await here.key({ clearance: "internal" }));
    expect((await sendCap(low, anAlert(storm))).body.alerts[0].outcome).toBe("created");
    expect((await low.get("/signals/alerts")).body.items).toHaveLength(1);
  });
});

const at = (lat: number, lon: number) => ({ points: [{ lat, lon }], polygons: [], circles: [] });

describe("signals.alerts", () => {
  const identifiers = async (query = "", client = api) =>
    (await client.get(`/signals/alerts${query}`)).body.items.map(({ identifier }: Said) => identifier);

  test("200: newest first, of a signal, a sender, an identifier, a status", async () => {
    const first = await only(storm);
    await only(eased);
    await only({ ...storm, identifier: "drill", alert: { status: "Exercise" } });
    await only({ ...storm, identifier: "theirs", sender: "port@sea.example", area: "<circle>0,0 1</circle>" });
    expect(await identifiers()).toEqual(["theirs", "drill", "storm-2", "storm-1"]);
    expect(await identifiers(`?signalId=${first.signalId}`)).toEqual(["storm-2", "storm-1"]);
    expect(await identifiers("?sender=port@sea.example")).toEqual(["theirs"]);
    expect(await identifiers("?identifier=storm-2")).toEqual(["storm-2"]);
    expect(await identifiers("?status=Exercise&status=Test")).toEqual(["drill"]);
  });

  test("200: page by page, and each once", async () => {
    await sendCap(api, sample("nws-atom-feed.xml"));
    const all: string[] = [];
    for (let cursor = ""; ; ) {
      const { items, nextCursor } = (await api.get(`/signals/alerts?limit=60${cursor}`)).body;
      all.push(...items.map(({ id }: { id: string }) => id));
      if (!nextCursor) break;
      cursor = `&cursor=${nextCursor}`;
    }
    expect(new Set(all).size).toBe(163);
    expect(all).toEqual([...all].sort().reverse());
  });

  test("200: an alert says what it refers to, whether that came, and what was tolerated", async () => {
    const first = await only(storm);
    await only(over);
    const [cancelled] = (await api.get("/signals/alerts")).body.items;
    expect(cancelled).toMatchObject({
      signalId: first.signalId,
      source: "weather.example",
      sender: "duty@weather.example",
      sent: "2026-01-06T06:00:00.000Z",
      messageType: "Cancel",
      status: "Actual",
      references: [
        { identifier: "storm-1", sent: "2026-01-06T04:00:00.000Z", known: true },
        { identifier: "storm-2", known: false },
      ],
      note: "The storm has passed.",
      signature: "none",
      warnings: ["reference_unknown /alert/references"],
    });
  });

  test("200: a merged signal's alerts are those of what it turned out to be", async () => {
    const joining: Said = { ...eased, references: [storm, { ...storm, identifier: "other" }] };
    const one = await only(storm);
    const two = await only({ ...storm, identifier: "other", area: "<circle>-50,0 1</circle>" });
    expect(two.signalId).not.toBe(one.signalId);
    await only(joining);
    expect(await get(two.signalId)).toMatchObject({ state: "merged", mergedInto: one.signalId });
    expect(await identifiers(`?signalId=${one.signalId}`)).toEqual(["storm-2", "other", "storm-1"]);
    const { items } = (await api.get("/signals/alerts?identifier=other")).body;
    expect(items[0].signalId).toBe(one.signalId);
  });

  test("200: nobody sees what lies above their clearance, or another organisation's", async () => {
    await only(storm, { classification: "secret" });
    const low = restClient(url, await here.key({ clearance: "internal" }));
    expect(await identifiers("", low)).toEqual([]);
    const there = restClient(url, await (await place()).key());
    expect(await identifiers("", there)).toEqual([]);
  });

  test("400: a cursor of another list", async () => {
    expect(await api.get("/signals/alerts?cursor=forged")).toMatchObject({
      ...{ status: 400, body: { code: "invalid_cursor" } },
    });
  });
});
