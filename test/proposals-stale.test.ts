import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import type { Proposal } from "@dais/contracts/proposals";
import type { ProposalEffect } from "@dais/contracts/proposals/shape";
import { digest } from "@dais/kernel/canonical";
import { sameEffect } from "@dais/kernel/proposals/same";
import { proposalJobs } from "@dais/modules/proposals";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ownDatabase } from "./support/jobs.ts";
import { asOwner } from "./support/owner.ts";
import { type Place, place } from "./support/place.ts";
import { type Proposer, proposer, reported } from "./support/proposals.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";
import { told } from "./support/told.ts";

const sql = asOwner();
const days = (n: number) => n * 86_400_000;

let url: string;
let here: Place;
let api: RestClient;
let agent: Proposer;
let person: RestClient;
/** How far the server's clock is ahead. */
let ahead = 0;

beforeAll(async () => {
  url = (await startServer({ sources: { now: () => new Date(Date.now() + ahead) } })).url;
});
beforeEach(async () => {
  ahead = 0;
  here = await place();
  api = restClient(url, await here.key());
  agent = await proposer(here);
  const endsAt = Date.now() + days(30);
  person = restClient(url, await (await here.person()).session({ proven: true, endsAt }));
});

const refused = (status: number, code: string, more: object = {}) => ({ status, body: { code, ...more } });
async function proposing(verb = "acknowledge", said: object = {}) {
  const signal = await reported(api);
  const body = { version: 1, ...said };
  const answer = await api.as(agent.key).post(`/signals/${signal.id}/${verb}`, body);
  expect(answer.status).toBe(202);
  return { signal, proposal: answer.body as Proposal };
}
const approve = ({ id }: { id: string }, headers: Record<string, string> = {}) =>
  person.post(`/proposals/${id}/approve`, { version: 1 }, headers);
const readAgain = async ({ id }: { id: string }) => (await api.get(`/proposals/${id}`)).body;

/** It is refused, void, and on record as the server's doing for whoever pressed; and so it stays. */
async function stale(proposal: { id: string }, because: string | null) {
  expect(await approve(proposal)).toMatchObject(refused(409, "proposal_stale", { because }));
  const stateReason = because ?? "It would do something else.";
  expect(await readAgain(proposal)).toMatchObject({
    state: "stale",
    stateReason,
    version: 2,
    output: null,
    decidedBy: null,
  });
  const [, entry] = await here.trail(uuidOf(proposal.id));
  expect(entry).toMatchObject({ operation: "proposals.void", actor_kind: "system", event: "void", to_state: "stale" });
  const payload = { id: proposal.id, from: "open", to: "stale", reason: stateReason };
  expect(await told(here)).toContainEqual(["proposal.voided", payload]);
  expect(await approve(proposal)).toMatchObject(refused(412, "proposal_changed", { state: "stale" }));
}

describe("a proposal whose target has changed", () => {
  test("409 proposal_stale: somebody did the same, moved it elsewhere, or edited it", async () => {
    const first = await proposing();
    await api.post(`/signals/${first.signal.id}/acknowledge`, { version: 1 });
    await stale(first.proposal, "signal_changed");
    const second = await proposing();
    await api.post(`/signals/${second.signal.id}/assign`, { version: 1, personId: agent.owner.id });
    await stale(second.proposal, "signal_changed");
  });

  test("409 proposal_stale: its target is gone, or hidden from everybody", async () => {
    const { signal, proposal } = await proposing();
    await sql`update signals set classification = 'cosmic' where id = ${uuidOf(signal.id)}`;
    await stale(proposal, "signal_not_found");
  });

  test("409 proposal_stale: what it refers to is gone", async () => {
    const gone = await here.person();
    const { proposal } = await proposing("assign", { personId: gone.id });
    await sql`update people set disabled_at = now() where id = ${gone.uuid}`;
    await stale(proposal, "signal_assignee_unknown");
  });

  test("409 proposal_stale: the command takes no version, and would do more than was shown", async () => {
    const { source } = await reported(api);
    const said = { label: "flood", severity: "minor", confidence: 0.9, rationale: "A test." };
    const asked = await api.as(agent.key).post("/signals/reclassify", { filters: { source }, ...said });
    expect(asked.body.effect).toMatchObject({ jobs: ["signals.reclassify"], changes: [{ after: { total: 1 } }] });
    await reported(api, { source });
    await stale(asked.body as Proposal, null);
    expect(await sql`select 1 from jobs where tenant_id = ${here.tenantId}`).toEqual([]);
  });

  test("409 proposal_stale: `me` is the agent in what was shown, and would be the approver", async () => {
    const said = { label: "flood", severity: "minor", confidence: 0.9, rationale: "A test." };
    const asked = await api.as(agent.key).post("/signals/reclassify", { filters: { assigneeId: "me" }, ...said });
    expect(asked.body.effect.changes[0].after.filters.assigneeId).toBe(agent.id);
    await stale(asked.body as Proposal, null);
  });

  test("409 proposal_stale: its moment has passed", async () => {
    const until = new Date(Date.now() + 3_600_000).toISOString();
    const { proposal } = await proposing("snooze", { until });
    ahead = 7_200_000;
    await stale(proposal, "signal_snooze_until");
  });

  test("409 proposal_stale again for the same Idempotency-Key: refusals are not stored, and it is void", async () => {
    const { signal, proposal } = await proposing();
    await api.post(`/signals/${signal.id}/acknowledge`, { version: 1 });
    const header = { "idempotency-key": "stale-1" };
    expect(await approve(proposal, header)).toMatchObject(refused(409, "proposal_stale"));
    expect(await approve(proposal, header)).toMatchObject(refused(412, "proposal_changed"));
  });

  test("200: what doesn't change the target leaves it good, hours later and by a clock that stepped back", async () => {
    const later = await proposing();
    await api.post(`/signals/${later.signal.id}/add-note`, { body: "Looked at it." });
    ahead = 5 * 3_600_000;
    const done = await approve(later.proposal);
    expect(done.body).toMatchObject({ proposal: { state: "approved" }, output: { state: "acknowledged" } });
    const back = await proposing();
    ahead -= 600_000;
    expect(await approve(back.proposal)).toMatchObject({ status: 200, body: { output: { state: "acknowledged" } } });
  });
});

describe("sameEffect", () => {
  const [shownAt, doneAt] = [Date.parse("2026-01-06T04:00:00.000Z"), Date.parse("2026-01-06T05:00:00.000Z")];
  const since = { shownAt, doneAt, agentId: "agt_1", actorId: "per_1" };
  const [then, now] = [shownAt, doneAt].map((time) => new Date(time).toISOString());
  const resource = { type: "signal", id: "sig_1", version: 1 };
  const effect = (fields: Record<string, [unknown, unknown]>, after: Record<string, unknown> | null = null) => ({
    ...{ clearance: "internal", events: [], jobs: [] },
    changes: [
      {
        ...{ resource, event: null, from: null, to: null, changed: true, after },
        changes: Object.entries(fields).map(([field, [before, one]]) => ({ field, before, after: one })),
      },
    ],
  });
  const same = (shown: ProposalEffect, had: ProposalEffect) => sameEffect(shown, digest(shown), had, since);

  test("takes what follows from when it is done and who does it, and nothing else", () => {
    const hour = "2026-01-06T06:00:00.000Z";
    expect(same(effect({ at: [null, then] }), effect({ at: [null, now] }))).toBe(true);
    expect(same(effect({ due: [null, "2026-01-06T05:00:00.000Z"] }), effect({ due: [null, hour] }))).toBe(true);
    expect(same(effect({ until: [null, hour] }), effect({ until: [null, hour] }))).toBe(true);
    expect(same(effect({ x: ["a", { at: [then] }] }), effect({ x: ["a", { at: [now] }] }))).toBe(true);
    expect(same(effect({ doneBy: [null, "agt_1"] }), effect({ doneBy: [null, "per_1"] }))).toBe(true);
    expect(same(effect({}, { createdAt: then, id: "sig_2" }), effect({}, { createdAt: now, id: "sig_2" }))).toBe(true);
    // It was changed in the very millisecond in which it was proposed.
    expect(same(effect({}), effect({ updatedAt: [then, now] }))).toBe(true);
  });

  test.each<[string, ProposalEffect, ProposalEffect]>([
    ["another value", effect({ x: [1, 2] }), effect({ x: [1, 3] })],
    ["another value before", effect({ x: [1, 2] }), effect({ x: [0, 2] })],
    ["a moment before that the clock would explain", effect({ x: [then, null] }), effect({ x: [now, null] })],
    ["another moment", effect({ x: [null, then] }), effect({ x: [null, "2026-01-06T05:00:00.001Z"] })],
    ["somebody else", effect({ doneBy: [null, "agt_1"] }), effect({ doneBy: [null, "per_2"] })],
    [
      "the approver where the agent was meant",
      effect({ leadId: [null, "agt_1"] }),
      effect({ leadId: [null, "per_1"] }),
    ],
    ["a field more", effect({ x: [1, 2] }), effect({ x: [1, 2], y: [1, 2] })],
    ["a field less", effect({ x: [1, 2], y: [1, 2] }), effect({ x: [1, 2] })],
    ["another id", effect({}, { id: "sig_2" }), effect({}, { id: "sig_3" })],
    ["an event more", effect({}), { ...effect({}), events: ["signal.dismissed"] }],
    ["a job more", effect({}), { ...effect({}), jobs: ["signals.reclassify"] }],
    ["a change more", effect({}), { ...effect({}), changes: [...effect({}).changes, ...effect({}).changes] }],
    ["a change less", { ...effect({}), changes: [...effect({}).changes, ...effect({}).changes] }, effect({})],
  ])("doesn't take %s", (_, shown, had) => {
    expect(same(shown, had)).toBe(false);
  });
});

describe("what the approver sees beyond the agent's clearance", () => {
  test("200: takes no part: a group that the agent saw half of is merged as the agent saw it", async () => {
    const low = await proposer(here, { clearance: "internal" });
    const somewhere = (lat: number) => ({ place: { points: [{ lat, lon: 12 }], polygons: [], circles: [] } });
    const group = async (lat: number) => {
      const items = ["internal", "internal", "secret"].map((classification, n) => ({
        ...{ source: "nws", title: `Flood ${lat} ${n}`, body: "", severity: "severe", category: "met", classification },
        ...{ occurredAt: "2026-01-06T04:00:00.000Z", reportedAt: "2026-01-06T03:58:00.000Z", ...somewhere(lat) },
      }));
      const { body } = await api.post("/signals/batch", { items });
      const { groupId } = (await api.get(`/signals/${body.items[0].id}`)).body;
      return (await api.get(`/signal-groups/${groupId}`)).body;
    };
    const [one, two] = [await group(10), await group(40)];
    expect(one.signalCount).toBe(3);
    const said = { version: one.version, otherId: two.id };
    const { body } = await api.as(low.key).post(`/signal-groups/${one.id}/merge`, said);
    const counted = (body as Proposal).effect.changes
      .flatMap(({ changes }) => changes ?? [])
      .find(({ field }) => field === "signalCount");
    expect(counted).toEqual({ field: "signalCount", before: 2, after: 4 });
    expect(body.effect.clearance).toBe("internal");
    expect(await approve(body as Proposal)).toMatchObject({ status: 200, body: { output: { signalCount: 4 } } });
    expect((await api.get(`/signal-groups/${one.id}`)).body.signalCount).toBe(6);
  });
});

describe("a proposal that nobody decided about", () => {
  test("409 proposal_expired after seven days, also before the sweep", async () => {
    const { signal, proposal } = await proposing();
    expect(Date.parse(proposal.expiresAt) - Date.parse(proposal.createdAt)).toBe(days(7));
    ahead = days(7) + 1000;
    expect(await approve(proposal)).toMatchObject(refused(409, "proposal_expired"));
    const reason = { version: 1, reason: "Too late." };
    expect(await person.post(`/proposals/${proposal.id}/reject`, reason)).toMatchObject(
      refused(409, "proposal_expired"),
    );
    expect((await api.get(`/signals/${signal.id}`)).body.state).toBe("new");
  });

  test("is expired by the clock, all of them, and told", async () => {
    const home = await ownDatabase();
    const there = await home.place();
    const at = { tenantId: there.tenantId, requestId: "request-of-the-test" };
    const late = new Date(Date.now() - 1000);
    const ids = await openOnes(home.owner, there.tenantId, 3, late);
    const [still] = await openOnes(home.owner, there.tenantId, 1, new Date(Date.now() + 60_000));
    const [job] = proposalJobs.jobs;
    const sweep = { name: "proposals.expire", action: "proposal.expire", quiet: true as const };
    const run = () =>
      home.server.kernel.perform(
        { ...sweep, run: async (ctx) => job?.run(ctx, {}, { id: "", position: null }, undefined) },
        at,
        {},
      );
    expect(await run()).toEqual({ next: null });
    expect(await run()).toBeUndefined();
    const states = await home.owner`select id, state, state_reason from proposals where tenant_id = ${there.tenantId}`;
    for (const { id, state, state_reason } of states)
      expect([state, state_reason]).toEqual(id === still ? ["open", null] : ["expired", "Nobody decided in time."]);
    const events =
      await home.owner`select payload from outbox where tenant_id = ${there.tenantId} and name = 'proposal.expired'`;
    expect(events.map(({ payload }) => payload.id).sort()).toEqual(ids.map((id) => idOf("prp", id)).sort());
  });
});

async function openOnes(owner: typeof sql, tenantId: string, count: number, expiresAt: Date): Promise<string[]> {
  const now = new Date();
  const rows = await owner.begin(
    (tx) => tx`
      with made as (
        insert into proposals (id, tenant_id, operation, input, input_hash, effect, effect_hash, ids, agent_id, persons, classification,
          state, expires_at, created_at, updated_at)
        select gen_random_uuid(), ${tenantId}, 'signals.acknowledge', '{}', '', '{"clearance":"public","changes":[],"events":[],"jobs":[]}', '',
          '{}', 'agt_01kejc8ht0e6ssypg6m30swm9a', '{}', 'public', 'open', ${expiresAt}, ${now}, ${now} from generate_series(1, ${count}) returning id
      ), entries as (
        insert into audit (id, tenant_id, at, outcome, actor_kind, actor_id, operation, action, resource_type, resource_id, event, to_state,
          changed, request_id, salt)
        select gen_random_uuid(), ${tenantId}, ${now}, 'done', 'agent', 'agt_x', 'signals.acknowledge', 'proposal.make', 'proposal', id,
          'make', 'open', true, 'request-of-the-test', 'salt' from made
      )
      select id from made`,
  );
  return rows.map(({ id }) => id);
}
