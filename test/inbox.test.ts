import { readFileSync } from "node:fs";
import { quietUntilDue } from "@dais/contracts/inbox";
import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import { workflows } from "@dais/contracts/workflows/all";
import type { Ctx } from "@dais/kernel/context";
import { eventOf, move } from "@dais/kernel/machine";
import { task } from "@dais/kernel/task";
import { stillWaiting } from "@dais/kernel/waiting";
import { workflow } from "@dais/modules/approvals/workflow";
import { workflow as requests } from "@dais/modules/briefingRequests/workflow";
import { workflow as webhooks } from "@dais/modules/webhooks/workflow";
import { beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { dayAfter } from "./support/actions.ts";
import { makeAgent } from "./support/agents.ts";
import { type ApprovalRoom, approvalRoom, refused } from "./support/approvals.ts";
import { aBriefing, audienceOf, setRequest } from "./support/briefings.ts";
import { asOwner } from "./support/owner.ts";
import type { Person } from "./support/people.ts";
import { proposer, reported } from "./support/proposals.ts";
import { proxy } from "./support/proxy.ts";
import { restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";

let server: Awaited<ReturnType<typeof startServer>>;
let url: string;
let room: ApprovalRoom;
let one: Person;
beforeAll(async () => {
  server = await startServer();
  url = server.url;
});
beforeEach(async () => {
  room = await approvalRoom(url);
  one = await room.here.person({ roles: ["admin", "approver"] });
});

/** Rows as the kernel notes them, of things that nobody looks at. */
async function waits(count: number, fields: Record<string, unknown> = {}): Promise<string[]> {
  const from = Date.parse("2026-01-06T04:00:00Z");
  const rows = Array.from({ length: count }, (_, n) => ({
    ...{
      tenant_id: room.here.tenantId,
      machine: "approval",
      resource_id: crypto.randomUUID(),
      slot: 0,
      state: "pending",
    },
    ...{ person_id: one.uuid, moves: ["approval.approve"], classification: "internal", title_en: `Thing ${n}` },
    ...{ since: new Date(from + n * 1000), ...fields },
  }));
  for (let at = 0; at < rows.length; at += 500)
    await asOwner()`insert into waiting ${asOwner()(rows.slice(at, at + 500))}`;
  return rows.map(({ resource_id }) => resource_id);
}

describe("inbox.list", () => {
  test("200: whatever waits, under its own name, with where it is read and what may be done with it", async () => {
    const { api, here } = room;
    const ownerId = (await here.person({ roles: [] })).uuid;
    const agent = await makeAgent(asOwner(), here.tenantId, new Date(), { ownerId });
    await api.post(`/agents/${agent}/suspend`, { version: 1, reason: "A test." });
    const { key } = await proposer(here);
    const signal = await reported(api);
    const proposal = (await api.as(key).post(`/signals/${signal.id}/acknowledge`, { version: 1 })).body.id;
    await asOwner()`insert into posture (id, tenant_id, level, rank, reason, source, since)
      values (${crypto.randomUUID()}, ${here.tenantId}, 'normal', 0, 'A test.', 'test', now())`;
    const said = { level: "high", reason: "Water in the yard of the site." };
    const posture = (await api.post("/posture/changes", said)).body.id;
    const approval = await room.asked([one]);
    const items = await room.inbox(one);
    const common = { state: expect.any(String), overdue: false, onBehalfOf: null, since: expect.any(String) };
    expect(items).toMatchObject([
      {
        ...{ ...common, kind: "agent", id: agent, title: { en: "Test agent", ar: null }, path: `/agents/${agent}` },
        ...{ moves: ["resume", "retire"], via: "permission" },
      },
      {
        ...{
          ...common,
          kind: "proposal",
          id: proposal,
          title: { en: "Say that somebody is looking at a new or snoozed signal", ar: null },
        },
        ...{ path: `/proposals/${proposal}`, moves: ["approve", "reject", "withdraw"] },
      },
      {
        ...{ ...common, kind: "posture", id: posture, title: { en: `high: ${said.reason}`, ar: null } },
        ...{ path: `/posture/changes/${posture}`, moves: ["confirm", "reject", "withdraw"] },
      },
      { ...common, kind: "approval", id: approval, via: "you", title: { en: "Cooling units for hall 4", ar: null } },
    ]);
    for (const { path } of items) expect((await (await room.as(one)).get(path)).status, path).toBe(200);
    const kinds = async (query: string) => (await room.inbox(one, query)).map(({ kind }: { kind: string }) => kind);
    expect(await kinds("?kind=approval&kind=agent")).toEqual(["agent", "approval"]);
    expect(await kinds("?overdue=true")).toEqual([]);
    const waiting = (await (await room.as(one)).get("/me/waiting")).body.items;
    expect(waiting.map(({ resourceId }: { resourceId: string }) => resourceId)).toEqual(
      items.map(({ id }: { id: string }) => id),
    );
  });

  test("200: briefings, requests for one, overdue actions, webhooks and erasures under their names, and where they are read", async () => {
    const { here, api } = room;
    const owner = asOwner();
    const [writer, by] = [await here.person({ roles: ["operational"] }), await room.as(one)];
    const draft = aBriefing({ audience: audienceOf(writer) });
    const briefing = (await (await room.as(writer)).post("/briefings", draft)).body;
    expect((await (await room.as(writer)).post(`/briefings/${briefing.id}/submit`, { version: 1 })).status).toBe(200);
    // A character of two halves, where the longest title is cut.
    const long = `${"x".repeat(199)}🌊 ${"y".repeat(100)}`;
    const action = { title: long, classification: "internal", ownerId: one.id, dueDay: dayAfter(1) };
    const { id: late } = (await api.post("/actions", action)).body;
    await api.post("/actions", { ...action, title: "Not late" });
    const url = "https://hooks.example.org/dais";
    const webhook = (await api.post("/webhooks", { name: "Duty desk", url, classification: "internal" })).body.id;
    const perform = (name: string, run: (ctx: Ctx) => Promise<unknown>) =>
      server.kernel.perform(
        task({ name, action: name, quiet: true, run: async (ctx) => void (await run(ctx)) }),
        { tenantId: here.tenantId, requestId: "the-server" },
        undefined,
      );
    await perform("webhooks.fail", (ctx) => move(ctx, webhooks, webhook, "fail", { version: 1, reason: "A test." }));
    const request = idOf("brq", await setRequest(here, "2026-01-06"));
    await perform("briefingRequests.ask", (ctx) => move(ctx, requests, request, "ask", { version: 1 }));
    await owner`update waiting set due_at = now() where resource_id = ${uuidOf(late)}`;
    const asking = await room.as(await here.person({ roles: ["admin", "auditor"] }));
    const [entry] = (await asking.get(`/audit?resourceId=${webhook}`)).body.items;
    const erasing = { entryIds: [entry.id], reason: "A test of the law." };
    const erasure = (await asking.post("/erasures", erasing)).body.id;
    const items = await room.inbox(one);
    const ids = [briefing.id, late, webhook, request, erasure];
    expect(items.map(({ id }: { id: string }) => id).toSorted()).toEqual(ids.toSorted());
    const of = (kind: string) => items.find((item: { kind: string }) => item.kind === kind);
    expect(of("briefing")).toMatchObject({
      ...{ title: draft.title, path: `/briefings/${briefing.id}`, via: "permission", overdue: false },
      moves: ["return", "approve", "revise", "withdraw"],
    });
    expect(of("action")).toMatchObject({
      ...{ title: { en: "x".repeat(199), ar: null }, path: `/actions/${late}`, via: "you", overdue: true },
    });
    expect(of("webhook")).toMatchObject({ title: { en: "Duty desk", ar: null }, path: `/webhooks/${webhook}` });
    expect(of("briefing_request")).toMatchObject({
      ...{ title: { en: "Briefing of 2026-01-06", ar: "إحاطة يوم 2026-01-06" } },
      path: `/briefing-requests/${request}`,
    });
    expect(of("erasure")).toMatchObject({ title: { en: "Erasure from the audit log" }, path: `/erasures/${erasure}` });
    for (const { path } of items) expect((await by.get(path)).status, path).toBe(200);
  });

  test("200: page by page, each once, whatever comes by several ways at once", async () => {
    const ids = await waits(7);
    for (const [slot, permission] of ["approval.approve", "posture.confirm"].entries()) {
      for (const [n, resource_id] of ids.entries()) {
        const since = new Date(Date.parse("2026-01-06T04:00:00Z") + n * 1000);
        await waits(1, { resource_id, since, slot: slot + 1, person_id: null, permission });
      }
    }
    const api = await room.as(one);
    const seen: string[] = [];
    for (let cursor = ""; ; ) {
      const { items, nextCursor } = (await api.get(`/inbox?limit=3${cursor}`)).body;
      seen.push(...items.map(({ id }: { id: string }) => uuidOf(id)));
      for (const { via } of items) expect(via).toBe("you");
      if (!nextCursor) break;
      cursor = `&cursor=${nextCursor}`;
    }
    expect(seen).toEqual(ids);
    expect(await api.get("/inbox?cursor=forged")).toMatchObject(refused(400, "invalid_cursor"));
  });

  test("200: by a delegation what waits for its giver by name, within both clearances, its entity and its moves", async () => {
    const reader = await room.here.person({ roles: ["executive"], clearance: "confidential" });
    const giver = await room.approver({ clearance: "internal" });
    const entity = uuidOf(room.here.entities.company);
    const person = { person_id: giver.uuid };
    const [seen] = await waits(1, { ...person, entity_id: entity });
    await waits(1, { ...person, entity_id: null });
    await waits(1, { ...person, entity_id: entity, classification: "confidential" });
    await waits(1, { ...person, entity_id: entity, moves: ["posture.confirm"] });
    await waits(1, { ...person, entity_id: entity, barred: [giver.uuid] });
    await waits(1, { ...person, entity_id: entity, barred: [reader.uuid] });
    expect(await room.inbox(reader)).toEqual([]);
    await room.delegate(giver, reader, { entityId: room.here.entities.company });
    const items = await room.inbox(reader);
    expect(items).toMatchObject([{ via: "delegation", onBehalfOf: giver.id, moves: ["approve", "refuse"] }]);
    expect(uuidOf(items[0].id)).toBe(seen);
  });

  test("200: to a key and another organisation nothing of it", async () => {
    await waits(3);
    expect((await room.api.get("/inbox")).body.items).toEqual([]);
    const there = await approvalRoom(url);
    const same = await there.here.person({ roles: ["admin", "approver"] });
    expect(await there.inbox(same)).toEqual([]);
  });

  test("a thing that is renamed while it waits keeps its age: its name, entity and classification follow", async () => {
    const id = await room.asked([one]);
    const row = async () => (await asOwner()`select * from waiting where resource_id = ${uuidOf(id)}`)[0];
    const before = await row();
    expect(before).toMatchObject({ title_en: "Cooling units for hall 4", slot: 0, entity_id: null });
    const [kept] = await asOwner()`select steps from approvals where id = ${uuidOf(id)}`;
    const entityId = uuidOf(room.here.entities.company);
    const changed = {
      ...{ id: uuidOf(id), state: "pending", title: "Other units", classification: "secret", entityId, persons: [] },
      ...{ steps: kept?.steps, inOrder: false, escalatedAt: null, deadlineAt: null },
    };
    const rename = task({
      ...{ name: "approvals.test", action: "approval.test", quiet: true },
      run: async (ctx) => stillWaiting(ctx, workflow, changed),
    });
    await server.kernel.perform(rename, { tenantId: room.here.tenantId, requestId: "renaming" }, undefined);
    expect(await row()).toEqual({
      ...{ ...before, title_en: "Other units", classification: "secret", entity_id: entityId, barred: [] },
    });
  });
});

test("the paper names every event after which an inbox may be another one", () => {
  const paper = readFileSync(new URL("../docs/inbox.md", import.meta.url), "utf8");
  const named = new Set(paper.match(/\b[a-z_]+\.[a-z_]+\b/g));
  const telling = [...workflows.values()].flatMap((spec) => {
    const quiet = quietUntilDue[spec.name] ?? [];
    const waits = (state: string) => "waits" in (spec.states[state] ?? {}) && !quiet.includes(state);
    return Object.entries(spec.moves)
      .filter(([, { from, to }]) => from.length > 0 && [...from, to].some(waits))
      .map(([event]) => eventOf(spec, event));
  });
  expect(telling.filter((one) => !named.has(one))).toEqual([]);
});

describe("inbox.counts", () => {
  test("200: by kind, overdue ones besides, each thing once", async () => {
    const ids = await waits(4);
    await waits(1, { resource_id: ids[0], slot: 1, person_id: null, permission: "approval.approve" });
    await waits(2, { due_at: new Date("2026-01-07T04:00:00Z"), machine: "posture", moves: ["posture.confirm"] });
    const api = await room.as(one);
    expect((await api.get("/inbox/counts")).body).toEqual({
      items: [
        { kind: "approval", waiting: 4, overdue: 0 },
        { kind: "posture", waiting: 2, overdue: 2 },
      ],
      more: false,
    });
    await waits(1000);
    expect((await api.get("/inbox/counts")).body.more).toBe(true);
  });
});

describe("on the wire", () => {
  test("the inbox and its counts: 1 exchange with Postgres; a vote: 3", async () => {
    const { host, port, ...rest } = inject("login");
    const postgres = await proxy(
      host.startsWith("/") ? { path: `${host}/.s.PGSQL.${port}` } : { host, port },
      "application_name\0dais\0",
    );
    const connection = { ...rest, host: postgres.host, port: postgres.port };
    const metered = await startServer({ connection, env: { DATABASE_CONNECTIONS: "2" } });
    await waits(30);
    await room.delegate(await room.approver(), one);
    const api = restClient(metered.url, await one.session({ proven: true }));
    /** The least of a few calls: what the server writes besides, in its own time, only adds to some. */
    const counted = async (call: () => Promise<{ status: number }>) => {
      for (let warm = 0; warm < 6; warm += 1) await call();
      const each: [number, number][] = [];
      for (let n = 0; n < 4; n += 1) {
        postgres.reset();
        const { status } = await call();
        each.push([status, postgres.exchanges()]);
      }
      return each.toSorted(([, one], [, other]) => one - other)[0];
    };
    for (const path of ["/inbox", "/inbox?overdue=false&kind=approval", "/inbox/counts", "/me/waiting"])
      expect(await counted(() => api.get(path)), path).toEqual([200, 1]);
    const ids = await Promise.all(Array.from({ length: 10 }, () => room.asked([one])));
    expect(await counted(() => api.post(`/approvals/${ids.pop()}/approve`, { version: 1 }))).toEqual([200, 3]);
    const asking = () =>
      api.post("/approvals", { title: "A test", classification: "internal", approvers: ["approval.approve"] });
    await room.approver();
    expect(await counted(asking)).toEqual([201, 2]);
  });
});
