import { uuidOf } from "@dais/contracts/kit/ids";
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
  return { signal, proposal: body };
};
const decide = (by: RestClient, { id }: Record<string, unknown>, verb = "approve", more: object = {}) =>
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

test("refuses a key", async () => {
  const { proposal } = await acknowledging();
  expect(await decide(api, proposal)).toMatchObject(refused(403, "four_eyes"));
});
