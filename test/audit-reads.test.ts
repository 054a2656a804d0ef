import type { Server } from "@dais/api/server";
import { uuidOf } from "@dais/contracts/kit/ids";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { reported, rowsOf, unwritable } from "./support/auditing.ts";
import { asOwner } from "./support/owner.ts";
import { type Place, place } from "./support/place.ts";
import { proxy } from "./support/proxy.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";
import { listen, streamOf, subjects, until } from "./support/streams.ts";

let server: Server;
let url: string;
beforeAll(async () => {
  server = await startServer();
  ({ url } = server);
});

/** An organisation with levels public < internal < confidential < secret, and a caller who sees all of them. */
async function room(): Promise<{ here: Place; api: RestClient; key: string }> {
  const here = await place();
  const key = await here.key();
  return { here, key, api: restClient(url, key) };
}
const reads = async (here: Place) => {
  await server.kernel.settle();
  return rowsOf(here, "read");
};
const names = (entries: Awaited<ReturnType<typeof rowsOf>>) =>
  entries.map(({ operation, classification }) => [operation, classification]);

describe("reads of what is classified", () => {
  test("200: one entry a call from the second highest level on, which names what was told", async () => {
    const { here, api } = await room();
    const [low, high] = [await reported(api), await reported(api, { classification: "confidential", title: "High" })];
    await api.get(`/signals/${low}`);
    await api.get(`/signals/${high}`, { "x-request-id": "asked-by-a-test" });
    await api.get("/signals");
    const entries = await reads(here);
    expect(names(entries)).toEqual([
      ["signals.get", "confidential"],
      ["signals.list", "confidential"],
    ]);
    const named = { read: { count: 1, items: [{ id: high, classification: "confidential" }] } };
    expect(entries[0]).toMatchObject({
      ...{ action: "signal.read", resource_type: "signal", resource_id: uuidOf(high), changed: false, event: null },
      ...{ request_id: "asked-by-a-test", actor_kind: "client", address: "127.0.0.1" },
      decision: { permission: "signal.read", ...named },
    });
    expect(entries[1]).toMatchObject({ decision: named });
  });

  test("200: an entry names a hundred things at most, the highest first, and says how many there were", async () => {
    const { here, api } = await room();
    const many = (level: string, count: number) =>
      Promise.all(
        Array.from({ length: count }, (_, n) => reported(api, { classification: level, title: `${level} ${n}` })),
      );
    await many("confidential", 60);
    await many("secret", 3);
    const { body } = await api.get("/signals?limit=100");
    expect(body.items).toHaveLength(63);
    const [entry] = await reads(here);
    expect(entry).toMatchObject({ classification: "secret", resource_id: null, decision: { read: { count: 63 } } });
    expect(entry?.decision.read.items.slice(0, 3).map((one: { classification: string }) => one.classification)).toEqual(
      Array(3).fill("secret"),
    );
  });

  test("200: files, too: what they tell of is in no field of the answer", async () => {
    const { here, api } = await room();
    const id = await reported(api, { classification: "confidential" });
    await api.get(`/signals/${id}/cap`);
    expect(await reads(here)).toMatchObject([{ operation: "signals.cap", resource_id: uuidOf(id) }]);
  });

  test("200: from the level that the organisation says", async () => {
    const { here, api } = await room();
    const org = (await api.get("/organisations/current")).body;
    expect(org.settings.audit).toEqual({ readsFrom: "confidential" });
    const said = { version: 1, audit: { readsFrom: "internal" } };
    expect((await api.patch(`/organisations/${org.id}`, said)).body.settings.audit).toEqual({ readsFrom: "internal" });
    const other = restClient((await startServer()).url, await here.key());
    await other.get(`/signals/${await reported(other)}`);
    await expect.poll(async () => names(await rowsOf(here, "read"))).toEqual([["signals.get", "internal"]]);
  });

  test("422: a level that the organisation doesn't have", async () => {
    const { api } = await room();
    const { id } = (await api.get("/organisations/current")).body;
    const said = { version: 1, audit: { readsFrom: "cosmic" } };
    expect((await api.patch(`/organisations/${id}`, said)).body).toMatchObject({
      ...{ code: "organisation_level_unknown", level: "cosmic" },
    });
  });

  test("200: nothing is kept where an organisation has one level, and tells nothing apart", async () => {
    const { here, api } = await room();
    await asOwner()`update organisations set settings = jsonb_set(settings, '{classifications}',
      '[{"key": "secret", "name": {"en": "All", "ar": null}}]') where id = ${here.tenantId}`;
    expect((await api.get("/organisations/current")).body.settings.audit).toEqual({ readsFrom: null });
    const id = await reported(api, { classification: "secret" });
    await api.get(`/signals/${id}`);
    expect(await reads(here)).toEqual([]);
  });

  test("200: of the highest level, the entry is there before the answer", async () => {
    const { here, api } = await room();
    const id = await reported(api, { classification: "secret" });
    expect((await api.get(`/signals/${id}`)).status).toBe(200);
    expect(names(await rowsOf(here, "read"))).toEqual([["signals.get", "secret"]]);
  });

  test("503: of the highest level nothing is told that can't be put on record; of lower ones it is, and kept", async () => {
    const { here, api } = await room();
    const [id, lower] = [
      await reported(api, { classification: "secret" }),
      await reported(api, { classification: "confidential" }),
    ];
    const again = await unwritable(here, "read");
    expect(await api.get(`/signals/${id}`)).toMatchObject({ status: 503, body: { code: "unavailable" } });
    expect((await api.get(`/signals/${lower}`)).status).toBe(200);
    expect(await reads(here)).toEqual([]);
    await again();
    await expect.poll(async () => names(await reads(here))).toEqual([["signals.get", "confidential"]]);
    expect((await api.get(`/signals/${id}`)).status).toBe(200);
    expect(names(await reads(here))).toEqual([
      ["signals.get", "confidential"],
      ["signals.get", "secret"],
    ]);
  });

  test("200: a hundred readers at once wait for a few writes, not for a hundred", async () => {
    const { here, api } = await room();
    const id = await reported(api, { classification: "secret" });
    const answers = await Promise.all(Array.from({ length: 100 }, () => api.get(`/signals/${id}`)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const entries = await rowsOf(here, "read");
    expect(entries).toHaveLength(100);
    expect(new Set(entries.map(({ xid }) => xid)).size).toBeLessThan(100);
  });

  test("200: what an auditor reads in the log is a read itself; what is withheld is none", async () => {
    const { here, api } = await room();
    await reported(api, { classification: "confidential" });
    const low = restClient(url, await here.key({ permissions: ["audit.read"], clearance: "internal" }));
    await low.get("/audit");
    expect(await reads(here)).toEqual([]);
    await api.get("/audit");
    expect(names(await reads(here))).toEqual([["audit.search", "confidential"]]);
  });

  test("ordinary reads cost what they did: one exchange with Postgres; of the highest level one more", async () => {
    const { host, port, ...rest } = inject("login");
    const target = host.startsWith("/") ? { path: `${host}/.s.PGSQL.${port}` } : { host, port };
    const wire = await proxy(target, "application_name\0dais\0");
    const connection = { ...rest, host: wire.host, port: wire.port };
    const { url: at } = await startServer({ connection, env: { DATABASE_CONNECTIONS: "2" } });
    const { here } = await room();
    const api = restClient(at, await here.key());
    const of = async (classification: string) => {
      const id = await reported(api, { classification });
      for (let warm = 0; warm < 8; warm += 1) await api.get(`/signals/${id}`);
      wire.reset();
      await api.get(`/signals/${id}`);
      return wire.exchanges();
    };
    expect(await of("internal")).toBe(1);
    expect(await of("secret")).toBe(2);
    await wire.close();
  });
});

describe("events that a stream tells", () => {
  test("are on record from the level on; of the highest before they are told", async () => {
    const { here, key, api } = await room();
    const stream = await listen(streamOf(url), key, { headers: { "x-request-id": "a-stream-of-a-test" } });
    const low = await reported(api);
    const high = await reported(api, { classification: "confidential" });
    const top = await reported(api, { classification: "secret" });
    await until(() => [low, high, top].every((id) => subjects(stream).includes(id)));
    expect(names(await rowsOf(here, "read"))).toContainEqual(["events.stream", "secret"]);
    await expect
      .poll(async () => names(await rowsOf(here, "read")), { timeout: 5000 })
      .toContainEqual(["events.stream", "confidential"]);
    const entries = await rowsOf(here, "read");
    for (const { request_id, decision } of entries) {
      expect(request_id).toBe("a-stream-of-a-test");
      for (const { id } of decision.read.items) expect([high, top]).toContain(id);
    }
  });
});
