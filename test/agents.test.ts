import { operations } from "@dais/contracts";
import { uuidOf } from "@dais/contracts/kit/ids";
import { consumers } from "@dais/modules";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Face, overMcp, overRest, overRpc, type Said } from "./support/faces/speak.ts";
import { asOwner } from "./support/owner.ts";
import type { Person } from "./support/people.ts";
import { type Place, place } from "./support/place.ts";
import { relayHome, until } from "./support/relay.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { aSignal } from "./support/samples.ts";
import { startServer } from "./support/server.ts";
import { told } from "./support/told.ts";

let url: string;
let another: string;
let here: Place;
let owner: Person;
let api: RestClient;
const never = "agt_01kejc8ht0e6ssypg6m30swm9g";

beforeAll(async () => {
  url = (await startServer()).url;
  another = (await startServer()).url;
});
beforeEach(async () => {
  here = await place();
  owner = await here.person({ roles: ["operational"], clearance: "confidential" });
  api = restClient(url, await (await here.person()).session({ proven: true }));
});

const refused = (status: number, code: string, more: object = {}) => ({ status, body: { code, ...more } });
const permissions = ["signal.ingest", "signal.read", "posture.read"];
const wanted = (more: object = {}) => ({
  name: "Night watch",
  purpose: "Watches the feeds at night.",
  model: "watch-1",
  modelVersion: "2026-01",
  permissions,
  clearance: "internal",
  ownerId: owner.id,
  ...more,
});
const register = async (more: object = {}) => (await api.post("/agents", wanted(more))).body;
const keyOf = async (agentId: string, more: object = {}): Promise<string> =>
  (
    await api.post("/api-keys", {
      name: "its key",
      kind: "agent",
      agentId,
      permissions,
      clearance: "internal",
      ...more,
    })
  ).body.secret;
const change = (id: string, verb: string, body: object) => api.post(`/agents/${id}/${verb}`, body);
const statuses = (key: string) =>
  Promise.all([url, another].map(async (at) => (await restClient(at, key).get("/me")).status));
const report = (key: string, headers: Record<string, string> = {}) =>
  restClient(url, key).post("/signals", aSignal({ classification: "public" }), headers);
const lastEntry = async () => (await here.trail()).findLast(({ operation }) => operation === "signals.ingest");

describe("agents.register", () => {
  test("201: with the person who answers for it, and on record", async () => {
    const answer = await api.post(
      "/agents",
      wanted({ budget: { callsPerDay: 100, costPerMonth: { amount: "400.5", currency: "AED" } } }),
    );
    expect(answer).toMatchObject({
      status: 201,
      body: { ownerId: owner.id, state: "active", version: 1, actsFor: [], model: "watch-1" },
    });
    expect(answer.body.budget).toEqual({ callsPerDay: 100, costPerMonth: { amount: "400.50", currency: "AED" } });
    expect(await told(here)).toEqual([["agent.registered", { id: answer.body.id }]]);
    expect(await here.trail(uuidOf(answer.body.id))).toMatchObject([{ event: "register", to_state: "active" }]);
    expect((await api.get(`/agents/${answer.body.id}`)).body).toEqual(answer.body);
  });

  test("403 agent_exceeds_caller, 422 for who isn't there, and what there isn't", async () => {
    const low = restClient(url, await (await here.person({ clearance: "internal" })).session({ proven: true }));
    expect(await low.post("/agents", wanted({ clearance: "secret" }))).toMatchObject(
      refused(403, "agent_exceeds_caller"),
    );
    expect(await api.post("/agents", wanted({ permissions: ["signal.eat"] }))).toMatchObject(
      refused(422, "agent_permission_unknown", { permissions: ["signal.eat"] }),
    );
    const gone = await here.person({ disabled: true });
    const theirs = await (await place()).person();
    for (const ownerId of [gone.id, theirs.id, "per_01kejc8ht0e6ssypg6m30swm9g"])
      expect(await api.post("/agents", wanted({ ownerId }))).toMatchObject(refused(422, "agent_owner_unknown"));
    expect(await api.post("/agents", wanted({ actsFor: [theirs.id] }))).toMatchObject(
      refused(422, "agent_person_unknown", { personIds: [theirs.id] }),
    );
  });
});

describe("agents.update", () => {
  test("200: what is absent stays, and it holds with the agent's next call, on every process", async () => {
    const { id } = await register();
    const key = await keyOf(id);
    expect(await statuses(key)).toEqual([200, 200]);
    const answer = await api.patch(`/agents/${id}`, { version: 1, permissions: ["posture.read"], clearance: "public" });
    expect(answer.body).toMatchObject({ name: "Night watch", permissions: ["posture.read"], version: 2 });
    for (const at of [url, another])
      expect((await restClient(at, key).get("/me")).body).toMatchObject({
        permissions: ["posture.read"],
        clearance: "public",
      });
    expect((await api.patch(`/agents/${id}`, { version: 2, clearance: "public" })).body.version).toBe(2);
  });

  test("412, 409 once it is retired, 404, 403", async () => {
    const { id } = await register();
    expect(await api.patch(`/agents/${id}`, { version: 2, name: "x" })).toMatchObject(refused(412, "agent_changed"));
    await change(id, "retire", { version: 1, reason: "Another one took its place." });
    expect(await api.patch(`/agents/${id}`, { version: 2, name: "x" })).toMatchObject(
      refused(409, "agent_wrong_state"),
    );
    expect(await api.patch(`/agents/${never}`, { version: 1, name: "x" })).toMatchObject(
      refused(404, "agent_not_found"),
    );
  });
});

describe("agents.assignOwner", () => {
  test("200: and the one before has no say any more; 422 for who is shut out", async () => {
    const { id } = await register();
    const next = await here.person();
    expect((await change(id, "assign-owner", { version: 1, ownerId: next.id })).body).toMatchObject({
      ownerId: next.id,
      version: 2,
    });
    expect(await told(here)).toContainEqual(["agent.owner_assigned", { id, ownerId: next.id }]);
    const key = await keyOf(id);
    const acting = (person: Person) => restClient(url, key).get("/me", { "dais-on-behalf-of": person.id });
    expect((await acting(owner)).status).toBe(403);
    expect((await acting(next)).status).toBe(200);
    const gone = await here.person({ disabled: true });
    expect(await change(id, "assign-owner", { version: 2, ownerId: gone.id })).toMatchObject(
      refused(422, "agent_owner_unknown"),
    );
  });
});

describe("agents.suspend", () => {
  test("200: every key and process of it is out at once, and in again when it is resumed", async () => {
    const { id } = await register();
    const keys = [await keyOf(id), await keyOf(id)];
    for (const key of keys) expect(await statuses(key)).toEqual([200, 200]);
    const reason = "It reported the same thing forty times.";
    expect((await change(id, "suspend", { version: 1, reason })).body).toMatchObject({
      state: "suspended",
      stateReason: reason,
    });
    for (const key of keys) expect(await statuses(key)).toEqual([401, 401]);
    expect(await change(id, "suspend", { version: 2, reason })).toMatchObject(refused(409, "agent_wrong_state"));
    await change(id, "resume", { version: 2 });
    for (const key of keys) expect(await statuses(key)).toEqual([200, 200]);
  });
});

describe("agents.resume", () => {
  test("422 agent_owner_unknown: nobody answers for it; 200 with another owner", async () => {
    const { id } = await register();
    await change(id, "suspend", { version: 1, reason: "It is looked at." });
    await api.post(`/people/${owner.id}/disable`, { reason: "Left the company." });
    expect(await change(id, "resume", { version: 2 })).toMatchObject(refused(422, "agent_owner_unknown"));
    expect((await api.get(`/agents/${id}`)).body.state).toBe("suspended");
    await change(id, "assign-owner", { version: 2, ownerId: (await here.person()).id });
    expect((await change(id, "resume", { version: 3 })).body.state).toBe("active");
  });
});

describe("agents.retire", () => {
  test("200: for good: its keys are out, and nobody makes it another", async () => {
    const { id } = await register();
    const key = await keyOf(id);
    await change(id, "retire", { version: 1, reason: "Another one took its place." });
    expect(await statuses(key)).toEqual([401, 401]);
    for (const verb of ["resume", "suspend"])
      expect(await change(id, verb, { version: 2, reason: "Back again." })).toMatchObject(
        refused(409, "agent_wrong_state"),
      );
    const body = { name: "x", kind: "agent", agentId: id, permissions: ["signal.read"], clearance: "public" };
    expect(await api.post("/api-keys", body)).toMatchObject(refused(422, "api_key_agent_unfit"));
  });
});

describe("agents.get", () => {
  test("404 agent_not_found: none, or another organisation's", async () => {
    const { id } = await register();
    const other = await place();
    const there = restClient(url, await other.key());
    for (const one of [id, never])
      expect(await there.get(`/agents/${one}`)).toMatchObject(refused(404, "agent_not_found"));
  });
});

describe("agents.list", () => {
  test("200: newest first, those of an owner, those in a state", async () => {
    const [first, second] = [await register(), await register({ ownerId: (await here.person()).id })];
    await change(second.id, "suspend", { version: 1, reason: "It is looked at." });
    const ids = async (query: string) =>
      (await api.get(`/agents?${query}`)).body.items.map(({ id }: { id: string }) => id).sort();
    expect(await ids("")).toEqual([first.id, second.id].sort());
    expect(await ids(`ownerId=${owner.id}`)).toEqual([first.id]);
    expect(await ids("state=suspended")).toEqual([second.id]);
    const page = (await api.get("/agents?limit=1")).body;
    expect((await api.get(`/agents?limit=1&cursor=${page.nextCursor}`)).body.items).toHaveLength(1);
  });
});

describe("an agent's key", () => {
  test("calls as the agent, with no more than the agent, whoever made it", async () => {
    const { id } = await register();
    const key = await keyOf(id, { permissions: ["signal.read"] });
    expect((await restClient(url, key).get("/me")).body).toMatchObject({
      actor: { id, kind: "agent", name: { en: "Night watch" } },
      permissions: ["signal.read"],
      onBehalfOf: null,
    });
    const more = { permissions: ["signal.dismiss"] };
    expect(
      await api.post("/api-keys", { name: "x", kind: "agent", agentId: id, clearance: "public", ...more }),
    ).toMatchObject(refused(403, "api_key_exceeds_creator", more));
    for (const body of [{ kind: "agent" }, { kind: "client", agentId: id }, { kind: "agent", agentId: never }])
      expect(await api.post("/api-keys", { name: "x", permissions, clearance: "public", ...body })).toMatchObject(
        refused(422, "api_key_agent_unfit"),
      );
  });

  test("revoked, it is out, and the agent's others are not", async () => {
    const { id } = await register();
    const [one, other] = [await keyOf(id), await keyOf(id)];
    for (const key of [one, other]) expect(await statuses(key)).toEqual([200, 200]);
    const { items } = (await api.get(`/api-keys?agentId=${id}`)).body;
    await api.post(`/api-keys/${items[1].id}/revoke`);
    expect([await statuses(one), await statuses(other)]).toEqual([
      [401, 401],
      [200, 200],
    ]);
  });

  test("outlives who made it, and not who answers for the agent", async () => {
    const maker = await here.person();
    const { id } = await register();
    const body = { name: "x", kind: "agent", agentId: id, permissions, clearance: "internal" };
    const { secret } = (await restClient(url, await maker.session()).post("/api-keys", body)).body;
    await api.post(`/people/${maker.id}/disable`, { reason: "Left the company." });
    expect(await statuses(secret)).toEqual([200, 200]);
    await api.post(`/people/${owner.id}/disable`, { reason: "Left the company." });
    expect(await statuses(secret)).toEqual([401, 401]);
  });
});

describe("what an agent says of itself", () => {
  const headers = (model: string, version: string) => ({ "dais-agent-model": model, "dais-agent-version": version });

  test("is in every entry of it: what it says, or what was registered", async () => {
    const { id } = await register();
    const key = await keyOf(id);
    await report(key);
    expect(await lastEntry()).toMatchObject({
      actor_kind: "agent",
      actor_id: id,
      agent_model: "watch-1",
      agent_version: "2026-01",
    });
    await report(key, headers("watch-1", "2026-02"));
    expect(await lastEntry()).toMatchObject({ agent_model: "watch-1", agent_version: "2026-02" });
    expect((await lastEntry())?.decision).toMatchObject({ via: expect.stringMatching(/^key_/) });
  });

  test("403 agent_model_mismatch: another model than the registered one, on record too", async () => {
    const { id } = await register();
    const key = await keyOf(id);
    for (const model of ["watch-2", "", "x".repeat(201)])
      expect(await report(key, { "dais-agent-model": model })).toMatchObject(
        refused(403, "agent_model_mismatch", { model: "watch-1" }),
      );
    await until(async () =>
      expect((await here.trail()).filter(({ problem }) => problem === "agent_model_mismatch")).toHaveLength(3),
    );
  });

  test("of a key without a registered agent, what it says; of others nothing", async () => {
    await report(await here.key({ kind: "agent" }), headers("anything", "7"));
    expect(await lastEntry()).toMatchObject({ actor_kind: "agent", agent_model: "anything", agent_version: "7" });
    await report(await here.key(), headers("anything", "7"));
    expect(await lastEntry()).toMatchObject({ actor_kind: "client", agent_model: null, agent_version: null });
  });
});

describe("an agent that acts for a person", () => {
  const for_ = (person: { id: string }) => ({ "dais-on-behalf-of": person.id });

  test("200: has what both of them may, and the lower clearance, for its owner and for whom it may act", async () => {
    const low = await here.person({ roles: ["executive"], clearance: "public" });
    const { id } = await register({ actsFor: [low.id] });
    const key = await keyOf(id);
    const asLow = (await restClient(url, key).get("/me", for_(low))).body;
    expect(asLow).toMatchObject({ actor: { id, kind: "agent" }, onBehalfOf: low.id, clearance: "public" });
    expect(asLow.permissions).toEqual(["posture.read", "signal.read"]);
    const asOwner_ = (await restClient(url, key).get("/me", for_(owner))).body;
    expect(asOwner_).toMatchObject({
      onBehalfOf: owner.id,
      clearance: "internal",
      permissions: [...permissions].sort(),
    });
    await report(key, for_(owner));
    expect(await lastEntry()).toMatchObject({ actor_id: id, on_behalf_of: owner.id, agent_model: "watch-1" });
  });

  test("403 on_behalf_of_denied: who isn't named, isn't there, is shut out, or of another organisation; and of who is no agent", async () => {
    const [stranger, gone] = [await here.person(), await here.person()];
    const { id } = await register({ actsFor: [gone.id] });
    const key = await keyOf(id);
    await api.post(`/people/${gone.id}/disable`, { reason: "Left the company." });
    const theirs = await (await place()).person();
    for (const who of [stranger, gone, theirs, { id: never }, { id: "nonsense" }, { id: "" }])
      expect(await restClient(url, key).get("/me", for_(who))).toMatchObject(refused(403, "on_behalf_of_denied"));
    const others = [await here.key(), await here.key({ kind: "agent" }), await owner.session()];
    for (const other of others)
      expect(await restClient(url, other).get("/me", for_(owner))).toMatchObject(refused(403, "on_behalf_of_denied"));
    await until(async () =>
      expect((await here.trail()).filter(({ problem }) => problem === "on_behalf_of_denied").length).toBeGreaterThan(6),
    );
  });

  test("at once less where the person may less, and refused where the person is shut out", async () => {
    const person = await here.person({ roles: ["operational"] });
    const { id } = await register({ actsFor: [person.id] });
    const key = await keyOf(id);
    const may = async (at: string) => (await restClient(at, key).get("/me", for_(person))).body.permissions;
    for (const at of [url, another]) expect(await may(at)).toContain("signal.ingest");
    await api.post(`/people/${person.id}/revoke-role`, { role: "operational" });
    for (const at of [url, another]) expect(await may(at)).toEqual([]);
    await api.post(`/people/${person.id}/disable`, { reason: "Left the company." });
    for (const at of [url, another])
      expect(await restClient(at, key).get("/me", for_(person))).toMatchObject(refused(403, "on_behalf_of_denied"));
    expect((await restClient(url, key).get("/me")).status).toBe(200);
  });

  test("the same over every face", async () => {
    const { id } = await register();
    const key = await keyOf(id);
    const operation = operations.get("me.get");
    if (!operation) throw new Error("no such operation");
    const request = { operation, input: {}, key, idempotencyKey: null, ifMatch: false };
    const spoken = async (face: Face, headers: Record<string, string>): Promise<Said | null> => {
      const real = globalThis.fetch;
      globalThis.fetch = (target, init) =>
        real(target, { ...init, headers: { ...(init?.headers as object), ...headers } });
      return face(url, request).finally(() => {
        globalThis.fetch = real;
      });
    };
    for (const face of [overRest, overRpc, overMcp]) {
      expect(await spoken(face, for_(owner))).toMatchObject({ output: { onBehalfOf: owner.id } });
      expect(await spoken(face, { "dais-agent-model": "other" })).toMatchObject({
        problem: { code: "agent_model_mismatch" },
      });
    }
  });

  test("over MCP also by what stands in `_meta`, which counts for more than the request's fields", async () => {
    const { id } = await register();
    const key = await keyOf(id);
    const ask = async (meta: object, headers: Record<string, string> = {}) => {
      const params = { name: "signals_ingest", arguments: aSignal({ classification: "public" }), _meta: meta };
      const response = await fetch(`${url}/mcp`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${key}`,
          "content-type": "application/json",
          accept: "application/json, text/event-stream",
          "mcp-protocol-version": "2025-11-25",
          ...headers,
        },
        body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params }),
      });
      return ((await response.json()) as { result: { isError?: boolean; structuredContent: { code?: string } } })
        .result;
    };
    await ask({ agentModel: "watch-1", agentVersion: "2026-03", onBehalfOf: owner.id });
    expect(await lastEntry()).toMatchObject({ on_behalf_of: owner.id, agent_version: "2026-03" });
    const stranger = await here.person();
    const said = await ask({ onBehalfOf: stranger.id }, for_(owner));
    expect(said).toMatchObject({ isError: true, structuredContent: { code: "on_behalf_of_denied" } });
    for (const meta of [{ agentModel: 7 }, { agentModel: "other" }, { agentVersion: ["x"] }])
      expect((await ask(meta)).structuredContent.code).toBe("agent_model_mismatch");
  });
});

describe("an agent whose owner leaves", () => {
  const homes = relayHome();
  afterEach(async () => (await homes).rest());

  test("is out at once, and suspended once that was heard of: also when the owner comes back", async () => {
    const home = await homes;
    const there = await home.place();
    const leaving = await there.person();
    const admin = restClient(home.server.url, await (await there.person()).session({ proven: true }));
    const made = await admin.post("/agents", wanted({ ownerId: leaving.id, permissions: ["signal.read"] }));
    const { id } = made.body;
    const body = { name: "x", kind: "agent", agentId: id, permissions: ["signal.read"], clearance: "public" };
    const { secret } = (await admin.post("/api-keys", body)).body;
    const status = async () => (await restClient(home.server.url, secret).get("/me")).status;
    expect(await status()).toBe(200);
    await admin.post(`/people/${leaving.id}/disable`, { reason: "Left the company." });
    expect(await status()).toBe(401);
    await home.work(consumers);
    await until(async () =>
      expect((await admin.get(`/agents/${id}`)).body).toMatchObject({ state: "suspended", version: 2 }),
    );
    const [entry] =
      await home.owner`select * from audit where operation = 'agents.suspend' and tenant_id = ${there.tenantId}`;
    expect(entry).toMatchObject({ actor_kind: "system", to_state: "suspended", reason: "Its owner was shut out." });
    await admin.post(`/people/${leaving.id}/enable`);
    expect(await status()).toBe(401);
  });
});

test("nobody answers for what the database doesn't know: raw rows need their entry and their owner", async () => {
  const sql = asOwner();
  const { id } = await register();
  await expect(sql`update agents set state = 'suspended' where id = ${uuidOf(id)}`.execute()).rejects.toThrow(
    /no legal, audited move/,
  );
});
