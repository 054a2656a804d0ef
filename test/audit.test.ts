import type { Server } from "@dais/api/server";
import { operations } from "@dais/contracts";
import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import { record } from "@dais/kernel/audit";
import { digest } from "@dais/kernel/canonical";
import { task } from "@dais/kernel/task";
import { beforeAll, describe, expect, test } from "vitest";
import { makeAgent } from "./support/agents.ts";
import { manyEntries, reported } from "./support/auditing.ts";
import { faces } from "./support/faces/speak.ts";
import { asOwner } from "./support/owner.ts";
import { type Place, place } from "./support/place.ts";
import { because, postureRoom } from "./support/posture.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";

let server: Server;
let url: string;
let here: Place;
let api: RestClient;
beforeAll(async () => {
  server = await startServer();
  ({ url } = server);
  here = await place();
  api = restClient(url, await here.key());
});

const acknowledged = (id: string, by = api) => by.post(`/signals/${id}/acknowledge`, { version: 1 });
const auditor = async (clearance = "secret", of = here) =>
  restClient(url, await (await of.person({ roles: ["auditor"], clearance })).session());
// biome-ignore lint/suspicious/noExplicitAny: what is in it, the expectations say.
type Entry = Record<string, any>;
const found = async (query: string, by = api): Promise<Entry[]> => (await by.get(`/audit?${query}`)).body.items;

describe("audit.search", () => {
  test("200: newest first, with who, what, when, from where to where, and what let it through", async () => {
    const officer = await here.person({ roles: ["operational"] });
    const headers = {
      ...{ "idempotency-key": "once", "x-request-id": "asked-by-a-test" },
      traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    };
    const id = await reported(api);
    await acknowledged(id, restClient(url, await officer.session(), headers));
    const entries = await found(`resourceId=${id}`);
    expect(entries.map(({ event }) => event)).toEqual(["acknowledge", "ingest"]);
    expect(entries[0]).toEqual({
      ...{ id: expect.stringMatching(/^aud_/), at: expect.any(String), outcome: "done", actorKind: "user" },
      ...{ actorId: officer.id, onBehalfOf: null, persons: [officer.id], agentModel: null, agentVersion: null },
      ...{ operation: "signals.acknowledge", action: "signal.acknowledge", resourceType: "signal", resourceId: id },
      ...{ resourceVersion: 2, classification: "internal", event: "acknowledge", changed: true, problem: null },
      ...{ fromState: "new", toState: "acknowledged", requestId: "asked-by-a-test" },
      ...{ sessionId: expect.stringMatching(/^ses_/), address: "127.0.0.1", reason: null, idempotencyKey: "once" },
      ...{ beforeDigest: expect.any(String), afterDigest: expect.any(String), withheld: false, erased: null },
      changes: expect.arrayContaining([{ field: "state", before: "new", after: "acknowledged" }]),
      decision: { permission: "signal.acknowledge", roles: ["operational"] },
      traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
    });
  });

  test("200: each filter finds its own, and together those that fit all", async () => {
    const at = await place();
    const [mine, other] = [restClient(url, await at.key()), restClient(url, await at.key())];
    const id = await reported(mine);
    await acknowledged(id, other);
    await reported(other);
    const all = await found("limit=100", mine);
    expect(all).toHaveLength(3);
    const [, move] = all as [Entry, Entry, Entry];
    const ofOther = await found(`actorId=${move.actorId}`, mine);
    expect(ofOther).toEqual(all.slice(0, 2));
    for (const query of ["operation=signals.acknowledge", "action=signal.acknowledge", "event=acknowledge"])
      expect(await found(query, mine), query).toEqual([move]);
    expect(await found(`resourceId=${id}&actorId=${move.actorId}`, mine)).toEqual([move]);
    expect(await found("outcome=done", mine)).toEqual(all);
    expect(await found("outcome=refused", mine)).toEqual([]);
    expect(await found(`from=${move.at}&to=${new Date(Date.parse(move.at) + 1).toISOString()}`, mine)).toContainEqual(
      move,
    );
    expect(await found(`to=${all.at(-1)?.at}`, mine)).toEqual([]);
  });

  test("200: pages that stay as they are while more is written, over the widest window there is", async () => {
    const at = await place();
    const mine = restClient(url, await at.key());
    await manyEntries(at, 60);
    const seen: string[] = [];
    let query = "limit=25&from=0001-01-01T00:00:00Z&to=9999-12-31T23:59:59.999Z";
    for (let cursor: string | null = ""; cursor !== null; ) {
      const { body } = await mine.get(`/audit?${query}${cursor && `&cursor=${cursor}`}`);
      seen.push(...body.items.map((item: Entry) => item.id));
      cursor = body.nextCursor;
      await reported(mine);
    }
    expect(seen).toHaveLength(60);
    expect(new Set(seen).size).toBe(60);
    query = "limit=25";
    const { body } = await mine.get("/audit?limit=1");
    expect((await mine.get(`/audit?limit=1&outcome=done&cursor=${body.nextCursor}`)).body.code).toBe("invalid_cursor");
  });

  test("200: what lies above the auditor's clearance shows that it was done, and withholds what; no filter finds out", async () => {
    const id = await reported(api, { classification: "secret", title: "The plan" });
    await acknowledged(id);
    const low = await auditor("internal");
    const [entry] = await found("operation=signals.acknowledge&limit=1", low);
    expect(entry).toMatchObject({ classification: "secret", withheld: true, actorId: expect.stringMatching(/^key_/) });
    const { resourceId, event, fromState, toState, changes, decision, address, afterDigest, reason } = entry as Entry;
    expect([resourceId, event, fromState, toState, changes, decision, address, afterDigest, reason]).toEqual(
      Array(9).fill(null),
    );
    expect(JSON.stringify(entry)).not.toContain("The plan");
    expect(await found(`resourceId=${id}`, low)).toEqual([]);
    expect((await found("event=acknowledge&limit=100", low)).map((one) => one.id)).not.toContain(entry?.id);
    expect((await low.get(`/audit/${entry?.id}`)).body).toEqual(entry);
    expect((await found(`resourceId=${id}`, await auditor()))[0]).toMatchObject({ id: entry?.id, resourceId: id });
  });

  test("200: of another organisation nothing, by whatever id", async () => {
    const there = await place();
    const theirs = restClient(url, await there.key());
    const id = await reported(theirs);
    const [entry] = await found(`resourceId=${id}`, theirs);
    expect(await found(`resourceId=${id}`)).toEqual([]);
    expect(await found(`actorId=${entry?.actorId}`)).toEqual([]);
  });

  test.each([
    ["a nul byte", "operation=a%00b"],
    ["what is no id", "resourceId=sig_x"],
    ["a bidi mark", "actorId=%E2%80%AEper_01kejc8ht0e6ssypg6m30swmp1"],
    ["a very long word", `event=${"x".repeat(5000)}`],
    ["a moment that isn't one", "from=yesterday"],
    ["a cursor that isn't one", "cursor=abc"],
  ])("400: %s", async (_, query) => {
    expect((await api.get(`/audit?${query}`)).status).toBe(400);
  });

  test("403 for everybody who is neither an auditor nor an administrator", async () => {
    for (const roles of [["approver"], ["executive"], ["operational"]]) {
      const person = restClient(url, await (await here.person({ roles })).session());
      expect((await person.get("/audit")).body.code).toBe("forbidden");
    }
  });
});

describe("audit.get", () => {
  test("200: whoever does it over whichever face, the entry says as much", async () => {
    const officer = await here.person({ roles: ["operational"] });
    const key = await officer.session();
    for (const [name, face] of Object.entries(faces)) {
      const id = await reported(api);
      const operation = operations.get("signals.dismiss");
      await acknowledged(id);
      const input = { id, version: 2, reason: "It was a test of the sirens." };
      await face(url, { operation: operation as never, input, key, idempotencyKey: `by-${name}`, ifMatch: false });
      const [entry] = await found(`resourceId=${id}&event=dismiss`);
      expect(entry, name).toMatchObject({
        ...{
          actorId: officer.id,
          persons: [officer.id],
          sessionId: expect.stringMatching(/^ses_/),
          address: "127.0.0.1",
        },
        ...{ reason: input.reason, idempotencyKey: `by-${name}`, fromState: "acknowledged", toState: "dismissed" },
        decision: { permission: "signal.dismiss", roles: ["operational"] },
      });
    }
  });

  test("200: an agent's, with its model, for whom it acted, and by which key", async () => {
    const [owner, other] = [await here.person({ roles: [] }), await here.person({ roles: ["operational"] })];
    const permissions = ["signal.read", "signal.add_note"];
    const said = { ownerId: owner.uuid, actsFor: [other.uuid], permissions, clearance: "secret" };
    const id = await makeAgent(asOwner(), here.tenantId, new Date(), said);
    const key = await here.key({ permissions, agent: { id } });
    const signal = await reported(api);
    await api.as(key).post(`/signals/${signal}/add-note`, { body: "Seen." }, { "dais-on-behalf-of": other.id });
    const [entry] = await found(`actorId=${id}`);
    expect(entry).toMatchObject({
      ...{ actorKind: "agent", onBehalfOf: other.id, agentModel: expect.any(String), agentVersion: expect.any(String) },
      decision: { permission: "signal.add_note", via: expect.stringMatching(/^key_/) },
    });
    expect(new Set(entry?.persons)).toEqual(new Set([owner.id, other.id]));
  });

  test("200: of a move that takes somebody else, what was judged: the rules, the content, the second factor", async () => {
    const room = await postureRoom(url);
    await room.bringTo("elevated");
    const { decision, reason } = (await found("event=confirm", await auditor("secret", room.here)))[0] as Entry;
    expect(decision).toEqual({
      ...{ permission: "posture.confirm", roles: ["approver"], fourEyes: true, policies: ["from_level", "dwell"] },
      ...{ contentSha256: expect.stringMatching(/^[0-9a-f]{64}$/), secondFactorAt: expect.any(String) },
    });
    expect(reason).toBe(because);
  });

  test("200: why, where the caller said so, whether the operation keeps it or not", async () => {
    const person = await here.person({ roles: ["operational"] });
    await api.post(`/people/${person.id}/disable`, { reason: "Away for a year." });
    expect((await found(`resourceId=${person.id}&limit=1`))[0]).toMatchObject({ reason: "Away for a year." });
  });

  test("no secret is ever in the log", async () => {
    const made = (await api.post("/api-keys", { name: "one", permissions: ["signal.read"], clearance: "public" })).body;
    const rotated = (await api.post(`/api-keys/${made.id}/rotate`, { version: 1 })).body;
    expect([made.secret, rotated.secret]).toEqual([expect.any(String), expect.any(String)]);
    const text = JSON.stringify(await here.trail());
    for (const secret of [made.secret, rotated.secret]) expect(text).not.toContain(secret.slice(-20));
  });

  test("200: an entry of a megabyte is whole; of a larger one, the largest fields have their digest and size", async () => {
    const [half, large] = ["م".repeat(250_000), "x".repeat(3_000_000)];
    const recording = (id: string, before: object, after: object) =>
      server.kernel.perform(
        task({
          name: "entities.test",
          action: "entity.test",
          run: async (ctx) => record(ctx, { resource: { type: "entity", id }, before, after }),
        }),
        { tenantId: here.tenantId, requestId: "request-of-the-test" },
        null,
      );
    const of = async (id: string) => (await found(`resourceId=${idOf("ent", id)}`))[0]?.changes;
    const [whole, cut] = [crypto.randomUUID(), crypto.randomUUID()];
    await recording(whole, { body: half, n: 1 }, { body: `${half.slice(1)}x`, n: 2 });
    expect(await of(whole)).toEqual([
      { field: "n", before: 1, after: 2 },
      { field: "body", before: half, after: `${half.slice(1)}x` },
    ]);
    await recording(cut, { body: null, n: 1 }, { body: large, n: 2 });
    expect(await of(cut)).toEqual([
      { field: "n", before: 1, after: 2 },
      { field: "body", before: null, after: { sha256: digest(large), bytes: large.length + 2 } },
    ]);
  });

  test("404: another organisation's, and one that nobody wrote", async () => {
    const there = await place();
    const id = await reported(restClient(url, await there.key()));
    const [row] = await there.trail(uuidOf(id));
    for (const entry of [idOf("aud", row?.id as string), idOf("aud", crypto.randomUUID())])
      expect(await api.get(`/audit/${entry}`)).toMatchObject({ status: 404, body: { code: "audit_entry_not_found" } });
  });
});
