import type { Server } from "@dais/api/server";
import { uuidOf } from "@dais/contracts/kit/ids";
import { task } from "@dais/kernel/task";
import { refer } from "@dais/modules/signals";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Place, place } from "./support/place.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { aSignal } from "./support/samples.ts";
import { startServer } from "./support/server.ts";
import { cases, lived, send, sent, shuffled, sorted, together } from "./support/signals.ts";
import { told } from "./support/told.ts";

let server: Server;
let url: string;
let here: Place;
let api: RestClient;

beforeAll(async () => {
  server = await startServer();
  url = server.url;
});
beforeEach(async () => {
  here = await place();
  api = restClient(url, await here.key());
});

const at = (km: number, more: object = {}) =>
  aSignal({ place: { points: [{ lat: 25 + km / 111.195, lon: 55 }] }, ...more });
/** Signals of different titles so many kilometres north of each other; answers with their ids. */
const alongTheCoast = async (...km: number[]): Promise<string[]> =>
  (
    await send(
      api,
      km.map((one, n) => at(one, { title: `Flood ${n} at ${one}` })),
    )
  ).map(({ id }) => id as string);
const groupOf = async (id: string, client = api) => (await client.get(`/signals/${id}`)).body.groupId;
const post = (id: string, verb: string, said: object) => api.post(`/signal-groups/${id}/${verb}`, said);
const names = ["a", "b", "c", "d", "e", "f"];
const grouped = async (ids: readonly string[]) =>
  together(await Promise.all(ids.map(async (id, n) => [names[n] as string, await groupOf(id)] as const)));
const refused = (status: number, code: string) => ({ status, body: { code } });

describe("which signals are a group", () => {
  test.each(cases)("$name", async ({ reports, groups }) => {
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
        answers.map(
          async ({ id }, n) => [order[n]?.[0] as string, (await lived(client, id as string)).groupId] as const,
        ),
      );
      expect(together(now)).toEqual(sorted(groups));
    }
  });

  test("one that comes between two groups makes them one, under the older's id; the other says so", async () => {
    const [one, , other] = await alongTheCoast(0, 10, 50, 60);
    const [older, younger] = [await groupOf(one as string), await groupOf(other as string)];
    expect(older).not.toBe(younger);
    await api.post("/signals", at(30, { title: "Between" }));
    expect(await groupOf(other as string)).toBe(older);
    expect((await api.get(`/signal-groups/${younger}`)).body).toMatchObject({ mergedInto: older, signalCount: 0 });
    expect((await told(here)).filter(([name]) => name.startsWith("signal_group."))).toEqual([
      ["signal_group.created", { id: older }],
      ["signal_group.created", { id: younger }],
      ["signal_group.merged", { id: younger, into: older }],
      ["signal_group.changed", { id: older }],
    ]);
  });

  test("a newer report that moves a signal away takes it out, and apart what it alone connected", async () => {
    const moving = { externalId: "x-1", title: "Storm" };
    const [a, c] = await alongTheCoast(0, 40);
    const { signal } = (await api.post("/signals", at(20, moving))).body;
    expect(await groupOf(a as string)).toBe(await groupOf(c as string));
    await api.post("/signals", at(300, { ...moving, reportedAt: "2026-01-06T05:00:00.000Z" }));
    expect(await Promise.all([a, signal.id, c].map((id) => groupOf(id as string)))).toEqual([null, null, null]);
    expect((await api.get("/signal-groups")).body.items).toEqual([]);
  });

  test("signals of which one refers to the other, however far apart; unless people say that they are apart", async () => {
    const [a, b, c] = await alongTheCoast(0, 500, 510);
    const references = task({
      name: "signals.refer",
      action: "signal.refer",
      quiet: true,
      run: (ctx, pairs: [string, string][]) => refer(ctx, pairs),
    });
    const refers = (pairs: [string, string][]) =>
      server.kernel.perform(references, { tenantId: here.tenantId, requestId: "test" }, pairs);
    const pair = [uuidOf(b as string), uuidOf(a as string)] as [string, string];
    await refers([pair, pair, [pair[0], pair[0]]]);
    expect(await grouped([a, b, c] as string[])).toEqual([["a", "b", "c"]]);
    await post(await groupOf(a as string), "split", { version: 1, signalIds: [a] });
    await refers([pair]);
    expect(await grouped([a, b, c] as string[])).toEqual([["b", "c"]]);
  });

  test("duplicates that turn out to be one signal leave a group that is none", async () => {
    const items = [at(0), at(8)];
    const [a, b] = (await send(api, items)).map(({ id }) => id as string);
    expect(await groupOf(a as string)).not.toBeNull();
    await api.post("/signals", at(4));
    expect((await api.get(`/signals/${b}`)).body).toMatchObject({ state: "merged", mergedInto: a, groupId: null });
    expect(await groupOf(a as string)).toBeNull();
  });
});

describe("signalGroups.get", () => {
  test("200: severity and confidence follow from its signals, with their reasons", async () => {
    const [a, b, c] = (
      await send(api, [
        at(0, { title: "A", severity: "minor", confidence: 0.5, source: "one" }),
        at(5, { title: "B", severity: "extreme", confidence: 0.8, source: "two" }),
        at(9, { title: "C", severity: "moderate", confidence: 0.3, source: "one" }),
      ])
    ).map(({ id }) => id as string);
    const id = await groupOf(a as string);
    expect((await api.get(`/signal-groups/${id}`)).body).toMatchObject({
      name: null,
      title: "B",
      signalCount: 3,
      categories: ["met"],
      severity: { value: "extreme", reason: { signalId: b, rule: "most_severe_reported" } },
      confidence: {
        value: 0.9,
        reasons: [
          { signalId: b, source: "two", confidence: 0.8 },
          { signalId: a, source: "one", confidence: 0.5 },
        ],
      },
      version: 1,
    });
    await api.post(`/signals/${b}/acknowledge`, { version: (await api.get(`/signals/${b}`)).body.version });
    await api.post(`/signals/${b}/dismiss`, { version: (await api.get(`/signals/${b}`)).body.version, reason: "No." });
    expect((await api.get(`/signal-groups/${id}`)).body).toMatchObject({
      signalCount: 3,
      severity: { value: "moderate", reason: { signalId: c } },
      confidence: { value: 0.5, reasons: [{ signalId: a }] },
    });
  });

  test("404: a group of which the caller sees no signal, and what is above the clearance counts for nothing", async () => {
    const [low, high] = (
      await send(api, [
        at(0, { title: "A", severity: "minor", confidence: 0.5 }),
        at(5, { title: "B", severity: "extreme", confidence: 1, classification: "secret" }),
        at(500, { title: "C", classification: "secret" }),
        at(505, { title: "D", classification: "secret" }),
      ])
    ).map(({ id }) => id as string);
    const cleared = restClient(url, await here.key({ clearance: "internal" }));
    const id = await groupOf(low as string);
    expect(id).toBe(await groupOf(high as string));
    expect((await cleared.get(`/signal-groups/${id}`)).body).toMatchObject({
      signalCount: 1,
      title: "A",
      severity: { value: "minor", reason: { signalId: low } },
      confidence: { value: 0.5 },
    });
    const secret = (await api.get("/signal-groups")).body.items
      .map((group: { id: string }) => group.id)
      .find((one: string) => one !== id);
    expect(await cleared.get(`/signal-groups/${secret}`)).toMatchObject(refused(404, "signal_group_not_found"));
    expect((await cleared.get("/signal-groups")).body.items.map((group: { id: string }) => group.id)).toEqual([id]);
    expect(await cleared.post(`/signal-groups/${secret}/split`, { version: 1, signalIds: [low] })).toMatchObject({
      status: 404,
    });
  });
});

describe("signalGroups.list", () => {
  test("200: pages, newest first, without those that became part of others", async () => {
    for (const n of [0, 1, 2]) await alongTheCoast(n * 200, n * 200 + 10);
    const first = (await api.get("/signal-groups?limit=2")).body;
    const second = (await api.get(`/signal-groups?limit=2&cursor=${first.nextCursor}`)).body;
    expect([...first.items, ...second.items].map((group) => group.signalCount)).toEqual([2, 2, 2]);
    const ids = [...first.items, ...second.items].map((group) => group.id);
    expect(ids).toEqual([...ids].sort().reverse());
    expect(second.nextCursor).toBeNull();
  });
});

describe("signalGroups.signals", () => {
  test("200: pages, newest first, as far as the caller sees them", async () => {
    const made = await send(
      api,
      [1, 2, 3].map((hour) =>
        at(0, {
          title: `T${hour}`,
          occurredAt: `2026-01-06T0${hour}:00:00.000Z`,
          classification: hour === 2 ? "secret" : "internal",
        }),
      ),
    );
    const id = await groupOf(made[0]?.id as string);
    const first = (await api.get(`/signal-groups/${id}/signals?limit=2`)).body;
    const second = (await api.get(`/signal-groups/${id}/signals?limit=2&cursor=${first.nextCursor}`)).body;
    expect([...first.items, ...second.items].map(({ title }) => title)).toEqual(["T3", "T2", "T1"]);
    expect(first.items[0]).toEqual((await api.get(`/signals/${made[2]?.id}`)).body);
    const low = restClient(url, await here.key({ clearance: "internal" }));
    const seen = (await low.get(`/signal-groups/${id}/signals`)).body.items;
    expect(seen.map(({ title }: { title: string }) => title)).toEqual(["T3", "T1"]);
  });
});

describe("signalGroups.update", () => {
  test("200: names a group and chooses its leading signal, on record; the same again changes nothing", async () => {
    const [a, b] = await alongTheCoast(0, 10);
    const id = await groupOf(a as string);
    const said = { name: "Coast", leadId: b };
    expect((await api.patch(`/signal-groups/${id}`, { version: 1, ...said })).body).toMatchObject({
      ...said,
      title: "Flood 1 at 10",
      version: 2,
    });
    expect((await api.patch(`/signal-groups/${id}`, { version: 2, ...said })).body).toMatchObject({
      ...said,
      version: 2,
    });
    expect((await api.patch(`/signal-groups/${id}`, { version: 2, leadId: null })).body).toMatchObject({
      name: "Coast",
      leadId: null,
      version: 3,
    });
    expect((await here.trail(uuidOf(id))).filter((entry) => entry.operation === "signalGroups.update")).toMatchObject([
      { changed: true, changes: { name: [null, "Coast"] } },
      { changed: false },
      { changed: true },
    ]);
  });

  test("412 and 422: of another version, and with a signal that is not in it", async () => {
    const [a, , elsewhere] = await alongTheCoast(0, 10, 500);
    const id = await groupOf(a as string);
    expect(await api.patch(`/signal-groups/${id}`, { version: 7, name: "X" })).toMatchObject(
      refused(412, "signal_group_changed"),
    );
    expect(await api.patch(`/signal-groups/${id}`, { version: 1, leadId: elsewhere })).toMatchObject(
      refused(422, "signal_group_signal_unknown"),
    );
  });
});

describe("signalGroups.merge", () => {
  test("200: two groups are one, also after more signals have come; the name of the other remains where there is none", async () => {
    const ids = await alongTheCoast(0, 10, 500, 510);
    const [one, other] = [await groupOf(ids[0] as string), await groupOf(ids[2] as string)];
    await api.patch(`/signal-groups/${one}`, { version: 1, name: "South" });
    // The younger one takes in the older: whoever is addressed remains.
    const answer = await post(other, "merge", { version: 1, otherId: one });
    expect(answer).toMatchObject({ status: 200, body: { id: other, signalCount: 4, name: "South" } });
    const [late] = await alongTheCoast(15);
    expect(await grouped([...ids, late as string])).toEqual([["a", "b", "c", "d", "e"]]);
    expect(await post(one, "merge", { version: 3, otherId: other })).toMatchObject({
      status: 409,
      body: { code: "signal_group_merged", mergedInto: other },
    });
  });

  test("422 signal_group_other_unknown: itself, none, and one that the caller doesn't see", async () => {
    const [a, , c] = (
      await send(api, [
        at(0, { title: "A" }),
        at(5, { title: "B" }),
        at(500, { title: "C", classification: "secret" }),
        at(505, { title: "D", classification: "secret" }),
      ])
    ).map(({ id }) => id as string);
    const [id, secret] = [await groupOf(a as string), await groupOf(c as string)];
    const low = restClient(url, await here.key({ clearance: "internal" }));
    for (const otherId of [id, "sgr_01kejc8ht0e6ssypg6m30swm9g", secret])
      expect(await low.post(`/signal-groups/${id}/merge`, { version: 1, otherId })).toMatchObject(
        refused(422, "signal_group_other_unknown"),
      );
  });
});

describe("signalGroups.split", () => {
  test("200: both sides are groups, and stay so whatever comes between them", async () => {
    const ids = await alongTheCoast(0, 10, 20, 30);
    const id = await groupOf(ids[0] as string);
    const answer = await post(id, "split", { version: 1, signalIds: [ids[0], ids[2]] });
    expect(answer).toMatchObject({
      status: 200,
      body: { group: { id, signalCount: 2, version: 2 }, split: { signalCount: 2 } },
    });
    expect(await grouped(ids)).toEqual([
      ["a", "c"],
      ["b", "d"],
    ]);
    // In the middle of all, nearest to `b`.
    const [late] = await alongTheCoast(12);
    expect(await grouped([...ids, late as string])).toEqual([
      ["a", "c"],
      ["b", "d", "e"],
    ]);
    expect((await told(here)).map(([name]) => name)).toContain("signal_group.split");
  });

  test("200: until somebody merges them again", async () => {
    const ids = await alongTheCoast(0, 10, 20);
    const id = await groupOf(ids[0] as string);
    const { split } = (await post(id, "split", { version: 1, signalIds: [ids[1], ids[2]] })).body;
    expect(split).toMatchObject({ signalCount: 2 });
    expect((await api.get("/signal-groups")).body.items.map((group: { id: string }) => group.id)).toEqual([split.id]);
    const [late] = await alongTheCoast(5);
    const own = await groupOf(late as string);
    expect(await post(split.id, "merge", { version: 1, otherId: own === split.id ? id : own })).toMatchObject({
      status: own === split.id ? 422 : 200,
    });
  });

  test("200: what was apart from the whole is apart from each part", async () => {
    const ids = await alongTheCoast(0, 10, 20, 30, 40);
    const id = await groupOf(ids[0] as string);
    await post(id, "split", { version: 1, signalIds: [ids[0]] });
    await post(id, "split", { version: 2, signalIds: [ids[1], ids[2]] });
    expect(await grouped(ids)).toEqual([
      ["b", "c"],
      ["d", "e"],
    ]);
    // Near to `a` and `b` alike: it joins one of them, and doesn't bring them together.
    const [late] = await alongTheCoast(5);
    const now = await grouped([...ids, late as string]);
    expect(now.some((group) => group.includes("a") && group.includes("b"))).toBe(false);
    expect(now.flat()).toContain("f");
  });

  test("200: what was nearer to one side joins the other once that side has gone elsewhere", async () => {
    const moving = { externalId: "x-1", title: "Storm" };
    const a = (await api.post("/signals", at(0, moving))).body.signal.id;
    const [b, c] = await alongTheCoast(20, 40);
    await post(await groupOf(a), "split", { version: 1, signalIds: [a] });
    const [late] = (await send(api, [at(8, { title: "Late" })])).map(({ id }) => id as string);
    expect(await grouped([a, b, c, late] as string[])).toEqual([
      ["a", "d"],
      ["b", "c"],
    ]);
    await api.post("/signals", at(300, { ...moving, reportedAt: "2026-01-06T05:00:00.000Z" }));
    expect(await grouped([a, b, c, late] as string[])).toEqual([["b", "c", "d"]]);
  });

  test("422: a signal that is not in it, one above the clearance, and all that the caller sees", async () => {
    const [a, b, c] = (
      await send(api, [at(0, { title: "A" }), at(5, { title: "B" }), at(9, { title: "C", classification: "secret" })])
    ).map(({ id }) => id as string);
    const id = await groupOf(a as string);
    const low = restClient(url, await here.key({ clearance: "internal" }));
    const split = (signalIds: unknown[]) => low.post(`/signal-groups/${id}/split`, { version: 1, signalIds });
    expect(await split([c])).toMatchObject(refused(422, "signal_group_signal_unknown"));
    expect(await split([a, b])).toMatchObject(refused(422, "signal_group_emptied"));
    expect(await split([a])).toMatchObject({ status: 200, body: { split: null, group: { signalCount: 1 } } });
  });
});
