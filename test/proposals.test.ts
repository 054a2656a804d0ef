import { uuidOf } from "@dais/contracts/kit/ids";
import type { Proposal } from "@dais/contracts/proposals";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Person } from "./support/people.ts";
import { type Place, place } from "./support/place.ts";
import { type Proposer, proposer, reported } from "./support/proposals.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";
import { told } from "./support/told.ts";

let url: string;
let here: Place;
/** Somebody with every permission, as a key. */
let api: RestClient;
let agent: Proposer;
let approver: Person;
/** Whoever decides, without a second factor. */
let person: RestClient;

beforeAll(async () => {
  url = (await startServer()).url;
});
beforeEach(async () => {
  here = await place();
  api = restClient(url, await here.key());
  agent = await proposer(here);
  approver = await here.person();
  person = restClient(url, await approver.session());
});

const refused = (status: number, code: string, more: object = {}) => ({ status, body: { code, ...more } });
const acknowledging = async (more: object = {}) => {
  const signal = await reported(api, more);
  const { status, body } = await restClient(url, agent.key).post(`/signals/${signal.id}/acknowledge`, { version: 1 });
  expect(status).toBe(202);
  return { signal, proposal: body as Proposal };
};
const decide = (by: RestClient, { id }: { id: string }, verb = "approve", more: object = {}) =>
  by.post(`/proposals/${id}/${verb}`, { version: 1, ...more });
const stateOf = async ({ id }: { id: string }) => (await api.get(`/signals/${id}`)).body.state;

describe("proposals.approve", () => {
  test("200: does what was shown, once, on record as the command and as whose proposal it was", async () => {
    const { signal, proposal } = await acknowledging();
    expect(await stateOf(signal)).toBe("new");
    const done = await decide(person, proposal);
    expect(done).toMatchObject({
      status: 200,
      body: {
        proposal: { id: proposal.id, state: "approved", version: 2, decidedBy: approver.id },
        output: { id: signal.id, state: "acknowledged", version: 2 },
      },
    });
    expect((await api.get(`/signals/${signal.id}`)).body).toEqual(done.body.output);
    const read = (await api.get(`/proposals/${proposal.id}`)).body;
    expect(read).toEqual({ ...done.body.proposal, output: done.body.output });
    const [entry] = (await here.trail(uuidOf(signal.id))).slice(-1);
    expect(entry).toMatchObject({
      operation: "signals.acknowledge",
      action: "signal.acknowledge",
      actor_id: approver.id,
      decision: { permission: "signal.acknowledge", proposal: proposal.id, agent: agent.id },
    });
    expect(new Set(entry?.persons as string[])).toEqual(new Set([approver.id, agent.owner.id]));
    expect((await told(here)).map(([name]) => name)).toEqual([
      ...["signal.ingested", "proposal.made", "proposal.approved", "signal.acknowledged"],
    ]);
    expect(await decide(person, proposal, "approve", { version: 2 })).toMatchObject(
      refused(409, "proposal_wrong_state", { state: "approved" }),
    );
  });
});

describe("proposals.list", () => {
  test("200: newest first, by state, agent and operation, a page at a time", async () => {
    const made = [await acknowledging(), await acknowledging(), await acknowledging()];
    const all = made.map(({ proposal }) => proposal.id) as [string, string, string];
    const other = await proposer(here);
    const signal = await reported(api);
    const said = { version: 1, personId: approver.id };
    const { body } = await api.as(other.key).post(`/signals/${signal.id}/assign`, said);
    await decide(person, { id: all[0] });
    const ids = async (query: string) =>
      (await api.get(`/proposals?${query}`)).body.items.map(({ id }: { id: string }) => id);
    expect(await ids("")).toEqual([body.id, all[2], all[1], all[0]]);
    expect(await ids("state=open")).toEqual([body.id, all[2], all[1]]);
    expect(await ids(`agentId=${other.id}`)).toEqual([body.id]);
    expect(await ids("operation=signals.acknowledge&state=approved")).toEqual([all[0]]);
    const first = (await api.get("/proposals?limit=3")).body;
    const next = (await api.get(`/proposals?limit=3&cursor=${first.nextCursor}`)).body;
    expect([...first.items, ...next.items].map(({ id }) => id)).toEqual([body.id, all[2], all[1], all[0]]);
    expect(next.nextCursor).toBeNull();
  });
});

describe("proposals.get", () => {
  test("200: what would be done, to what, and who may decide; 304 while it is the same", async () => {
    const { signal, proposal } = await acknowledging();
    const answer = await api.get(`/proposals/${proposal.id}`);
    expect(answer.body).toEqual(proposal);
    expect(proposal).toMatchObject({
      operation: "signals.acknowledge",
      input: { id: signal.id, version: 1 },
      targets: [{ type: "signal", id: signal.id, version: 1 }],
      classification: signal.classification,
      permission: "signal.acknowledge",
      stepUp: null,
    });
    const [change] = proposal.effect.changes as [Proposal["effect"]["changes"][number]];
    expect(change).toMatchObject({ event: "acknowledge", from: "new", to: "acknowledged", changed: true, after: null });
    expect(change.changes).toEqual([
      { field: "state", before: "new", after: "acknowledged" },
      { field: "updatedAt", before: signal.updatedAt, after: proposal.createdAt },
      { field: "version", before: 1, after: 2 },
    ]);
    expect(proposal.effect.events).toEqual(["signal.acknowledged"]);
    const same = { "if-none-match": answer.headers.get("etag") as string };
    expect((await api.get(`/proposals/${proposal.id}`, same)).status).toBe(304);
  });
});

describe("proposals.moves", () => {
  const moves = async (by: RestClient, { id }: { id: string }) =>
    Object.fromEntries(
      (await by.get(`/proposals/${id}/moves`)).body.items.map((one: Record<string, string>) => [one.event, one.why]),
    );

  test("200: whether the caller may decide, and else why not", async () => {
    const { proposal } = await acknowledging();
    const foreign = "proposal_foreign";
    expect(await moves(person, proposal)).toEqual({ approve: null, reject: null, withdraw: foreign });
    const owner = api.as(await agent.owner.session());
    expect(await moves(owner, proposal)).toEqual({ approve: "four_eyes", reject: null, withdraw: null });
    const itself = api.as(agent.key);
    expect(await moves(itself, proposal)).toEqual({ approve: "agent_denied", reject: "agent_denied", withdraw: null });
    const reader = api.as(await (await here.person({ roles: ["executive"] })).session());
    expect(await moves(reader, proposal)).toMatchObject({ approve: "forbidden", reject: "forbidden" });
    const only = api.as(await (await here.person({ roles: ["executive", "approver"] })).session());
    expect(await moves(only, proposal)).toMatchObject({ approve: "forbidden", reject: null });
    await decide(person, proposal);
    const over = "proposal_wrong_state";
    expect(await moves(person, proposal)).toEqual({ approve: over, reject: over, withdraw: over });
  });
});

describe("proposals.reject", () => {
  test("200: with a reason, which its event tells; nothing is done, and it stays so", async () => {
    const { signal, proposal } = await acknowledging();
    const reason = "The signal turned out to be a test.";
    const done = await decide(person, proposal, "reject", { reason });
    expect(done).toMatchObject({
      status: 200,
      body: { state: "rejected", stateReason: reason, decidedBy: approver.id, output: null },
    });
    expect(await stateOf(signal)).toBe("new");
    expect(await told(here)).toContainEqual([
      "proposal.rejected",
      { id: proposal.id, from: "open", to: "rejected", reason },
    ]);
    expect(await decide(person, proposal, "approve", { version: 2 })).toMatchObject(
      refused(409, "proposal_wrong_state"),
    );
  });

  test("400 without a reason, 403 for an agent", async () => {
    const { proposal } = await acknowledging();
    expect(await decide(person, proposal, "reject")).toMatchObject(refused(400, "invalid_input"));
    expect(await decide(api.as(agent.key), proposal, "reject", { reason: "x" })).toMatchObject(
      refused(403, "agent_denied"),
    );
  });
});

describe("proposals.withdraw", () => {
  test("200: by the agent itself, and by whoever answers for it", async () => {
    for (const by of [agent.key, await agent.owner.session()]) {
      const { signal, proposal } = await acknowledging();
      const done = await decide(api.as(by), proposal, "withdraw");
      expect(done).toMatchObject({ status: 200, body: { state: "withdrawn", decidedBy: null } });
      expect(await decide(person, proposal, "approve", { version: 2 })).toMatchObject(
        refused(409, "proposal_wrong_state"),
      );
      expect(await stateOf(signal)).toBe("new");
    }
  });

  test("403 proposal_foreign for everybody else: another person, another agent, another agent's owner, a key", async () => {
    const { proposal } = await acknowledging();
    const other = await proposer(here);
    for (const by of [await approver.session(), other.key, await other.owner.session(), await here.key()])
      expect(await decide(api.as(by), proposal, "withdraw")).toMatchObject(refused(403, "proposal_foreign"));
  });
});
