import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { get } from "node:http";
import { createInterface } from "node:readline";
import type { Server } from "@dais/api/server";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { manyEntries, reported, rowsOf, unwritable } from "./support/auditing.ts";
import { authorized } from "./support/credential.ts";
import { settled } from "./support/owner.ts";
import { type Place, place } from "./support/place.ts";
import { spawnServer } from "./support/process.ts";
import { cleanUp } from "./support/programs.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";

let server: Server;
beforeAll(async () => {
  server = await startServer();
});

afterEach(cleanUp);

async function room(): Promise<{ here: Place; key: string; api: RestClient }> {
  const here = await place();
  const key = await here.key();
  return { here, key, api: restClient(server.url, key) };
}
const ndjson = "application/x-ndjson";

/** The file behind an address, as text. */
async function file(url: string, key: string): Promise<{ status: number; headers: Headers; text: string }> {
  await settled();
  const answer = await fetch(url.replace("http://dais.test", server.url), {
    headers: { ...authorized(key), accept: ndjson } as Record<string, string>,
  });
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}
// biome-ignore lint/suspicious/noExplicitAny: what is in it, the expectations say.
const lines = (text: string): any[] =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
/** How many lines a file has, read as they come. */
const linesOf = (url: string, key: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const headers = { ...authorized(key), accept: ndjson } as Record<string, string>;
    get(url, { headers }, (answer) => {
      let count = 0;
      createInterface({ input: answer })
        .on("line", () => (count += 1))
        .on("close", () => resolve(count));
    }).on("error", reject);
  });
const at = (query = "") => `http://dais.test/v1/audit/export${query}`;

describe("audit.export", () => {
  test("200: entries as `audit.get` shows them, oldest first, and the same bytes that the answer tells of", async () => {
    const { here, key, api } = await room();
    const ids = [await reported(api), await reported(api), await reported(api)];
    await settled();
    const told = (await api.get("/audit/export")).body;
    await reported(api);
    const { headers, text } = await file(told.url, key);
    expect(createHash("sha256").update(text).digest("hex")).toBe(told.sha256);
    expect(Buffer.byteLength(text)).toBe(told.size);
    expect(headers.get("content-type")).toBe(ndjson);
    expect(headers.get("content-length")).toBe(String(told.size));
    const digest = createHash("sha256").update(text).digest("base64");
    expect(headers.get("content-digest")).toBe(`sha-256=:${digest}:`);
    expect(headers.get("content-disposition")).toMatch(/^attachment; filename="audit-\d+\.ndjson"$/);
    const entries = lines(text);
    expect(entries.map((entry) => entry.resourceId)).toEqual(ids);
    expect(entries[0]).toEqual((await api.get(`/audit/${entries[0]?.id}`)).body);
    expect(await rowsOf(here, "read")).toMatchObject([{ operation: "audit.export" }, { operation: "audit.export" }]);
  });

  test("200: filters, and what is withheld, are those of a search", async () => {
    const { here, key, api } = await room();
    const id = await reported(api);
    await reported(api, { classification: "secret", title: "The plan" });
    expect(lines((await file(at(`?resourceId=${id}`), key)).text)).toHaveLength(1);
    const low = await here.key({ clearance: "internal" });
    const { text } = await file(at(), low);
    expect(text).not.toContain("The plan");
    expect(lines(text).map((entry) => entry.withheld)).toEqual([
      false,
      true,
      ...lines(text)
        .slice(2)
        .map(() => false),
    ]);
  });

  test("200: for a SIEM, as OCSF 1.6.0: API Activity, Authentication, Account Change", async () => {
    const { here, key, api } = await room();
    const person = await here.person({ roles: ["operational"] });
    const id = await reported(api);
    await restClient(server.url, await person.session()).post(`/signals/${id}/acknowledge`, { version: 1 });
    await api.post(`/people/${person.id}/disable`, { reason: "Away for a year." });
    await api.as(await here.key({ permissions: [] })).get("/signals");
    await server.kernel.settle();
    const events = lines((await file(at("?format=ocsf"), key)).text);
    const of = (code: string) => events.find((event) => event.metadata.event_code === code);
    for (const event of events) {
      expect(event.type_uid).toBe(event.class_uid * 100 + event.activity_id);
      expect(event).toMatchObject({
        ...{ time: expect.any(Number), severity_id: expect.any(Number), status_id: expect.any(Number) },
        metadata: {
          version: "1.6.0",
          product: { name: "Dais", vendor_name: "Dais" },
          uid: expect.stringMatching(/^aud_/),
        },
        actor: { user: { uid: expect.any(String), type_id: expect.any(Number) } },
      });
    }
    expect(of("signal.acknowledge")).toMatchObject({
      ...{ class_uid: 6003, category_uid: 6, activity_id: 3, type_uid: 600303, status: "Success" },
      actor: { user: { uid: person.id, type_id: 1 }, session: { uid: expect.stringMatching(/^ses_/) } },
      api: { operation: "signals.acknowledge", service: { name: "signals" }, request: { uid: expect.any(String) } },
      src_endpoint: { ip: "127.0.0.1" },
      resources: [{ type: "signal", uid: id, version: "2" }],
      unmapped: { fromState: "new", toState: "acknowledged", classification: "internal" },
    });
    expect(of("signal.ingest")).toMatchObject({ activity_id: 1, activity_name: "Create" });
    expect(of("person.disable")).toMatchObject({ class_uid: 3001, activity_id: 5, user: { uid: person.id } });
    expect(of("signal.read")).toMatchObject({ status: "Failure", status_code: "forbidden", activity_id: 2 });
  });

  test("200: a hundred thousand entries in bounded memory, while others are written; 422 for one more", async () => {
    const { here, key, api } = await room();
    await manyEntries(here, 100_000);
    const own = await spawnServer();
    const resident = () =>
      Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${own.pid}/status`, "utf8"))?.[1]) / 1024;
    const theirs = restClient(own.url, key);
    // What a process takes once, for the first few thousand, is not what the rest of a hundred thousand takes.
    await linesOf(`${own.url}/v1/audit/export?to=2026-01-01T02:00:00.000Z`, key);
    const before = resident();
    let busy = true;
    const writing = (async () => {
      while (busy) await reported(api);
    })();
    const count = await linesOf(`${own.url}/v1/audit/export?to=2026-01-05T00:00:00.000Z`, key);
    busy = false;
    await writing;
    expect(count).toBe(100_000);
    expect(resident() - before).toBeLessThan(150);
    expect((await theirs.get("/audit/export")).body).toMatchObject({ code: "audit_export_too_large", limit: 100_000 });
  }, 120_000);

  test("200: a client that stops midway leaves nothing behind", async () => {
    const { here, key, api } = await room();
    await manyEntries(here, 20_000);
    for (let n = 0; n < 3; n += 1)
      await new Promise<void>((resolve) => {
        const headers = { ...authorized(key), accept: ndjson } as Record<string, string>;
        const asked = get(`${server.url}/v1/audit/export`, { headers, agent: false }, (answer) => {
          answer.once("data", () => {
            asked.destroy();
            resolve();
          });
          answer.on("error", () => {});
        });
        asked.on("error", () => {});
      });
    await expect.poll(() => server.kernel.inFlight()).toBe(0);
    expect((await api.get("/audit?limit=1")).status).toBe(200);
  }, 60_000);

  test("200: entries that were erased say so, and say nothing else of it", async () => {
    const { here, key, api } = await room();
    const id = await reported(api);
    const [entry] = (await api.get(`/audit?resourceId=${id}`)).body.items;
    const asked = await api.post("/erasures", { entryIds: [entry.id], reason: "A test of the law." });
    const chief = restClient(server.url, await (await here.person({ roles: ["approver"] })).session({ proven: true }));
    await chief.post(`/erasures/${asked.body.id}/erase`, { version: 1, reason: "A test of the law." });
    const [line] = lines((await file(at(`?resourceId=${id}&format=ocsf`), key)).text);
    expect(line).toMatchObject({ metadata: { labels: ["erased"] }, src_endpoint: { name: "unknown" } });
  });

  test.each(["through=99999999999999999999", "through=-1", "format=xml", "from=%00", "to=2026-13-01T00:00:00Z"])(
    "400: %s",
    async (query) => {
      const { api } = await room();
      expect((await api.get(`/audit/export?${query}`)).status).toBe(400);
    },
  );

  test("503: an export that can't be put on record is none", async () => {
    const { here, api } = await room();
    const again = await unwritable(here, "read");
    expect(await api.get("/audit/export")).toMatchObject({ status: 503, body: { code: "unavailable" } });
    await again();
    expect((await api.get("/audit/export")).status).toBe(200);
  });
});
