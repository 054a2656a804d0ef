import { uuidOf } from "@dais/contracts/kit/ids";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { makeAgent } from "./support/agents.ts";
import { admits } from "./support/identity.ts";
import { asOwner } from "./support/owner.ts";
import { type Place, place } from "./support/place.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";
import { told } from "./support/told.ts";

let url: string;
let here: Place;
let tid: string;
let api: RestClient;
const never = "prg_01kejc8ht0e6ssypg6m30swm9g";

beforeAll(async () => {
  url = (await startServer()).url;
});
beforeEach(async () => {
  here = await place();
  tid = crypto.randomUUID();
  await admits(here, tid);
  api = restClient(url, await (await here.person()).session({ proven: true }));
});

const refused = (status: number, code: string, more: object = {}) => ({ status, body: { code, ...more } });
const wanted = (more: object = {}) => ({
  name: "Importer",
  directory: tid,
  clientId: crypto.randomUUID(),
  clearance: "internal",
  ...more,
});
const create = async (more: object = {}) => (await api.post("/programs", wanted(more))).body;
const agent = async (state = "active") => {
  const owner = await here.person();
  const id = await makeAgent(asOwner(), here.tenantId, new Date(), { ownerId: owner.uuid });
  if (state === "retired") await api.post(`/agents/${id}/retire`, { version: 1, reason: "A test of what is over." });
  return id;
};

describe("programs.create", () => {
  test("201: lets an application in, with who did it", async () => {
    const answer = await api.post("/programs", wanted());
    expect(answer).toMatchObject({
      status: 201,
      body: { kind: "client", agentId: null, disabledAt: null, lastUsedAt: null, version: 1 },
    });
    expect(answer.body.createdBy).toMatch(/^per_/);
    expect(answer.headers.get("location")).toBe(`/v1/programs/${answer.body.id}`);
    expect(await told(here)).toEqual([["program.created", { id: answer.body.id }]]);
    expect(await here.trail(uuidOf(answer.body.id))).toMatchObject([{ action: "program.create", outcome: "done" }]);
  });

  test("201: of an agent", async () => {
    const agentId = await agent();
    expect(await create({ kind: "agent", agentId })).toMatchObject({ kind: "agent", agentId });
    const { items } = (await api.get(`/programs?agentId=${agentId}`)).body;
    expect(items).toHaveLength(1);
  });

  test("409 program_exists: an application calls for one organisation, whichever was first", async () => {
    const { clientId } = await create();
    expect(await api.post("/programs", wanted({ clientId }))).toMatchObject(refused(409, "program_exists"));
    const other = await place();
    await admits(other, tid);
    const there = restClient(url, await (await other.person()).session({ proven: true }));
    expect(await there.post("/programs", wanted({ clientId }))).toMatchObject(refused(409, "program_exists"));
  });

  test("422: a directory that isn't the organisation's; an agent that is none, is over, or of another organisation", async () => {
    expect(await api.post("/programs", wanted({ directory: crypto.randomUUID() }))).toMatchObject(
      refused(422, "program_directory_unknown"),
    );
    const other = await place();
    const owner = await other.person();
    const theirs = await makeAgent(asOwner(), other.tenantId, new Date(), { ownerId: owner.uuid });
    const agents = [null, "agt_01kejc8ht0e6ssypg6m30swm9g", await agent("retired"), theirs];
    for (const agentId of agents)
      expect(await api.post("/programs", wanted({ kind: "agent", agentId }))).toMatchObject(
        refused(422, "program_agent_unfit"),
      );
    expect(await api.post("/programs", wanted({ agentId: await agent() }))).toMatchObject(
      refused(422, "program_agent_unfit"),
    );
  });

  test("403 program_exceeds_caller: a clearance that the caller doesn't have", async () => {
    const low = restClient(url, await (await here.person({ clearance: "internal" })).session({ proven: true }));
    for (const clearance of ["confidential", "cosmic"])
      expect(await low.post("/programs", wanted({ clearance }))).toMatchObject(refused(403, "program_exceeds_caller"));
  });
});

describe("programs.update", () => {
  test("200: a new name and clearance; what is absent stays; nothing new keeps the version", async () => {
    const { id } = await create();
    const change = (body: object) => api.patch(`/programs/${id}`, body);
    expect((await change({ version: 1, name: "Weather" })).body).toMatchObject({
      name: "Weather",
      clearance: "internal",
      version: 2,
    });
    expect((await change({ version: 2, clearance: "secret" })).body).toMatchObject({ clearance: "secret", version: 3 });
    expect((await change({ version: 3, clearance: "secret" })).body).toMatchObject({ version: 3 });
    expect((await told(here)).map(([name]) => name)).toEqual(["program.created", "program.updated", "program.updated"]);
  });

  test("412, 404, 403 program_exceeds_caller", async () => {
    const { id } = await create();
    expect(await api.patch(`/programs/${id}`, { version: 2, name: "x" })).toMatchObject(
      refused(412, "program_changed", { version: 1 }),
    );
    expect(await api.patch(`/programs/${never}`, { version: 1, name: "x" })).toMatchObject(
      refused(404, "program_not_found"),
    );
    expect(await api.patch(`/programs/${id}`, { version: 1, clearance: "cosmic" })).toMatchObject(
      refused(403, "program_exceeds_caller"),
    );
  });
});

describe("programs.disable", () => {
  test("200: and twice changes nothing", async () => {
    const { id } = await create();
    const first = (await api.post(`/programs/${id}/disable`)).body;
    expect(first).toMatchObject({ changed: true, program: { version: 2, disabledAt: expect.any(String) } });
    expect((await api.post(`/programs/${id}/disable`)).body).toEqual({ changed: false, program: first.program });
    expect(await api.post(`/programs/${never}/disable`)).toMatchObject(refused(404, "program_not_found"));
  });
});

describe("programs.enable", () => {
  test("200: and twice changes nothing", async () => {
    const { id } = await create();
    expect((await api.post(`/programs/${id}/enable`)).body).toMatchObject({ changed: false });
    await api.post(`/programs/${id}/disable`);
    expect((await api.post(`/programs/${id}/enable`)).body).toMatchObject({
      changed: true,
      program: { disabledAt: null, version: 3 },
    });
  });
});

describe("programs.get", () => {
  test("200 with its ETag, 404", async () => {
    const { id } = await create();
    expect((await api.get(`/programs/${id}`)).headers.get("etag")).toBe('"1"');
    expect(await api.get(`/programs/${never}`)).toMatchObject(refused(404, "program_not_found"));
  });
});

describe("programs.list", () => {
  test("200: newest first, page by page", async () => {
    const made = [await create(), await create(), await create()].map(({ id }) => id);
    const first = (await api.get("/programs?limit=2")).body;
    const second = (await api.get(`/programs?limit=2&cursor=${first.nextCursor}`)).body;
    const ids = [...first.items, ...second.items].map(({ id }: { id: string }) => id);
    expect(ids.sort()).toEqual(made.sort());
    expect(await api.get("/programs?cursor=forged")).toMatchObject(refused(400, "invalid_cursor"));
  });
});
