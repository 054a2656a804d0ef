import { beforeAll, describe, expect, test } from "vitest";
import { type Place, place } from "./support/place.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";
import { plain, putSignals, type Row } from "./support/signal-rows.ts";

let url: string;
let here: Place;
let mine: RestClient;
let theirs: RestClient;

beforeAll(async () => {
  url = (await startServer()).url;
  here = await place();
  mine = restClient(url, await here.key());
  theirs = restClient(url, await here.key({ clearance: "internal" }));
});

const row = (fields: Partial<Row>): Row => ({ ...plain, id: crypto.randomUUID(), ...fields });
const filters = { text: "flood", severity: ["severe"] };
const save = async (api: RestClient, more: object = {}) =>
  (await api.post("/signal-views", { name: "Floods", filters, ...more })).body;
const shared = async (api: RestClient, more: object = {}) => {
  const { id } = await save(api, more);
  return (await api.post(`/signal-views/${id}/share`, { version: 1, shared: true })).body.view;
};
const titles = async (api: RestClient, id: string) =>
  (await api.get(`/signal-views/${id}/signals`)).body.items.map(({ title }: { title: string }) => title).sort();

describe("signalViews.create", () => {
  test("201: one's own, and nobody else's; what was left out is null", async () => {
    const answer = await mine.post("/signal-views", { name: "Floods", filters });
    expect(answer).toMatchObject({ status: 201, body: { shared: false, sort: "-occurredAt", version: 1 } });
    expect(answer.headers.get("location")).toBe(`/v1/signal-views/${answer.body.id}`);
    expect(answer.body.filters).toMatchObject({ ...filters, box: null, groupId: null, state: null });
    expect(await here.trail()).toContainEqual(expect.objectContaining({ action: "signal_view.create" }));
  });

  test.each([
    { name: "" },
    { name: "Two\nlines" },
    { name: "x", filters: { box: "1,2,3" } },
    { name: "x", filters: { surprise: 1 } },
    { name: "x", filters: { cursor: "a" } },
    { name: "x", filters: { text: null } },
    { name: "x", filters: [] },
    { name: "x", filters: { text: "a" }, sort: "title" },
    { name: "x", filters: {}, shared: true },
  ])("400 invalid_input: %j", async (body) => {
    expect(await mine.post("/signal-views", { filters, ...body })).toMatchObject({
      status: 400,
      body: { code: "invalid_input" },
    });
  });
});

describe("signalViews.get", () => {
  test("200 for its owner, with an ETag; 404 for others until it is shared", async () => {
    const { id } = await save(mine);
    expect((await mine.get(`/signal-views/${id}`)).headers.get("etag")).toBe('"1"');
    expect(await theirs.get(`/signal-views/${id}`)).toMatchObject({
      status: 404,
      body: { code: "signal_view_not_found" },
    });
    await mine.post(`/signal-views/${id}/share`, { version: 1, shared: true });
    expect(await theirs.get(`/signal-views/${id}`)).toMatchObject({ status: 200, body: { id, shared: true } });
  });
});

describe("signalViews.list", () => {
  test("200: one's own and the shared ones by name, page by page", async () => {
    const its = await place();
    const [one, other] = [restClient(url, await its.key()), restClient(url, await its.key())];
    await save(one, { name: "C" });
    await save(other, { name: "hidden" });
    await shared(other, { name: "B" });
    await shared(one, { name: "A" });
    const names = async (query: string) => {
      const found: string[] = [];
      for (let next = ""; ; ) {
        const { body } = await one.get(`/signal-views?limit=1${query}${next}`);
        found.push(...body.items.map(({ name }: { name: string }) => name));
        if (!body.nextCursor) return found;
        next = `&cursor=${body.nextCursor}`;
      }
    };
    expect(await names("")).toEqual(["A", "B", "C"]);
    expect(await names("&own=true")).toEqual(["A", "C"]);
    expect(await names("&own=false")).toEqual(["B"]);
    expect((await mine.get("/signal-views")).body.items.map(({ name }: { name: string }) => name)).not.toContain("A");
  });
});

describe("signalViews.signals", () => {
  test("200: each reader of a shared view finds what they may see", async () => {
    const its = await place();
    await putSignals(its.tenantId, [
      row({ title: "Flood below", severity: "severe", classification: "internal" }),
      row({ title: "Flood above", severity: "severe", classification: "secret" }),
      row({ title: "Flood elsewhere", severity: "minor" }),
    ]);
    const [high, low] = [restClient(url, await its.key()), restClient(url, await its.key({ clearance: "internal" }))];
    const { id } = await shared(high);
    expect(await titles(high, id)).toEqual(["Flood above", "Flood below"]);
    expect(await titles(low, id)).toEqual(["Flood below"]);
  });

  test("200: `me` is the reader, not the owner", async () => {
    const its = await place();
    const [one, other] = [await its.person(), await its.person()];
    await putSignals(its.tenantId, [
      row({ title: "One's", assignee_id: one.uuid }),
      row({ title: "Other's", assignee_id: other.uuid }),
    ]);
    const [ours, others] = [restClient(url, await one.session()), restClient(url, await other.session())];
    const { id } = await shared(ours, { filters: { assigneeId: "me" } });
    expect(await titles(ours, id)).toEqual(["One's"]);
    expect(await titles(others, id)).toEqual(["Other's"]);
  });

  test("200: pages in the view's order; 400 invalid_cursor once the view has changed", async () => {
    const its = await place();
    await putSignals(
      its.tenantId,
      Array.from({ length: 5 }, (_, n) => row({ title: `Flood ${n}`, occurred_at: `2026-01-0${n + 1}T00:00:00.000Z` })),
    );
    const api = restClient(url, await its.key());
    const { id } = await save(api, { filters: { text: "flood" }, sort: "occurredAt" });
    const first = (await api.get(`/signal-views/${id}/signals?limit=2`)).body;
    const next = `/signal-views/${id}/signals?limit=2&cursor=${first.nextCursor}`;
    expect([...first.items, ...(await api.get(next)).body.items].map(({ title }) => title)).toEqual([
      "Flood 0",
      "Flood 1",
      "Flood 2",
      "Flood 3",
    ]);
    await api.send(`/signal-views/${id}`, {
      method: "PATCH",
      body: { version: 1, filters: { text: "flood or fire" } },
    });
    expect((await api.get(next)).body.code).toBe("invalid_cursor");
  });

  test("404 signal_view_not_found: somebody else's", async () => {
    const { id } = await save(mine);
    expect(await theirs.get(`/signal-views/${id}/signals`)).toMatchObject({
      status: 404,
      body: { code: "signal_view_not_found" },
    });
  });
});

/** What only the owner may do, on the version that they saw. */
const changes = {
  "signalViews.update": (api: RestClient, id: string, version: number) =>
    api.send(`/signal-views/${id}`, { method: "PATCH", body: { version, name: "Rivers" } }),
  "signalViews.delete": (api: RestClient, id: string, version: number) =>
    api.post(`/signal-views/${id}/delete`, { version }),
  "signalViews.share": (api: RestClient, id: string, version: number) =>
    api.post(`/signal-views/${id}/share`, { version, shared: false }),
};

describe.each(Object.entries(changes))("%s, as all changes of a view", (_, change) => {
  test("404 while it is not shared, 403 signal_view_not_owner once it is, 412 with another version", async () => {
    const { id } = await save(mine);
    expect(await change(theirs, id, 1)).toMatchObject({ status: 404, body: { code: "signal_view_not_found" } });
    await mine.post(`/signal-views/${id}/share`, { version: 1, shared: true });
    expect(await change(theirs, id, 2)).toMatchObject({ status: 403, body: { code: "signal_view_not_owner" } });
    expect(await change(mine, id, 1)).toMatchObject({ status: 412, body: { code: "signal_view_changed", version: 2 } });
    expect((await mine.get(`/signal-views/${id}`)).body).toMatchObject({ name: "Floods", shared: true, version: 2 });
  });
});

describe("signalViews.update", () => {
  test("200: what is left out stays; filters are replaced as a whole", async () => {
    const { id } = await save(mine, { sort: "-updatedAt" });
    const patch = (body: object) => mine.send(`/signal-views/${id}`, { method: "PATCH", body });
    expect((await patch({ version: 1, name: "Rivers" })).body).toMatchObject({
      name: "Rivers",
      filters,
      sort: "-updatedAt",
      version: 2,
    });
    const { body } = await patch({ version: 2, filters: { box: "0,0,1,1" } });
    expect(body).toMatchObject({
      name: "Rivers",
      filters: { box: "0,0,1,1", text: null, severity: null },
      sort: "-updatedAt",
      version: 3,
    });
  });
});

describe("signalViews.delete", () => {
  test("200, and it is gone for everybody", async () => {
    const { id } = await shared(mine);
    expect(await mine.post(`/signal-views/${id}/delete`, { version: 2 })).toMatchObject({
      status: 200,
      body: { id, version: 3 },
    });
    for (const api of [mine, theirs]) expect((await api.get(`/signal-views/${id}`)).status).toBe(404);
    expect((await mine.post(`/signal-views/${id}/delete`, { version: 3 })).status).toBe(404);
  });
});

describe("signalViews.share", () => {
  test("200: shared, and no longer; a second time changes nothing and says so", async () => {
    const { id } = await save(mine);
    const share = async (version: number, to: boolean) =>
      (await mine.post(`/signal-views/${id}/share`, { version, shared: to })).body;
    expect(await share(1, true)).toMatchObject({ changed: true, view: { shared: true, version: 2 } });
    expect(await share(2, true)).toMatchObject({ changed: false, view: { shared: true, version: 2 } });
    expect(await share(2, false)).toMatchObject({ changed: true, view: { shared: false, version: 3 } });
    expect((await theirs.get(`/signal-views/${id}`)).status).toBe(404);
  });
});
