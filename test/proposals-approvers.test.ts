import { operations } from "@dais/contracts";
import { uuidOf } from "@dais/contracts/kit/ids";
import type { Proposal } from "@dais/contracts/proposals";
import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { type Face, faces } from "./support/faces/speak.ts";
import { asOwner } from "./support/owner.ts";
import type { Person } from "./support/people.ts";
import { type Place, place } from "./support/place.ts";
import { type Proposer, proposer, reported } from "./support/proposals.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";

const sql = asOwner();
/** The database as the server's own role has it. */
const app = postgres({ ...inject("login"), max: 1, onnotice: () => {}, connection: { role: "dais_app" } });
afterAll(() => app.end());

let url: string;
let other: string;
let here: Place;
let api: RestClient;
let agent: Proposer;
let friend: Person;

beforeAll(async () => {
  [url, other] = [(await startServer()).url, (await startServer()).url];
});
beforeEach(async () => {
  here = await place();
  api = restClient(url, await here.key());
  friend = await here.person();
  agent = await proposer(here, { actsFor: [friend] });
});

const refused = (status: number, code: string, more: object = {}) => ({ status, body: { code, ...more } });
/** A proposal of the agent's for its friend. */
async function proposing(more: object = {}) {
  const signal = await reported(api, more);
  const headers = { "dais-on-behalf-of": friend.id };
  const { body } = await api.as(agent.key).post(`/signals/${signal.id}/acknowledge`, { version: 1 }, headers);
  return { signal, proposal: body as Proposal };
}
const approve = (key: string, { id }: { id: string }, at = url, more: Record<string, string> = {}) =>
  restClient(at, key).post(`/proposals/${id}/approve`, { version: 1 }, more);
const stateOf = async ({ id }: { id: string }) => (await api.get(`/signals/${id}`)).body.state;
const entriesOf = (proposal: { id: string }) =>
  sql`select * from audit where tenant_id = ${here.tenantId} and decision->>'proposal' = ${proposal.id}`;

describe("nobody approves what they proposed", () => {
  test("403 four_eyes: the owner and whom the agent acted for, over every face", async () => {
    const { signal, proposal } = await proposing();
    const operation = operations.get("proposals.approve");
    if (!operation) throw new Error("no such operation");
    const input = { id: proposal.id, version: 1 };
    for (const person of [agent.owner, friend])
      for (const face of Object.values(faces) as Face[]) {
        const key = await person.session({ proven: true });
        const said = await face(url, { operation, input, key, idempotencyKey: null, ifMatch: false });
        expect(said).toMatchObject({ problem: { code: "four_eyes" } });
      }
    expect(await stateOf(signal)).toBe("new");
  });

  test("403: the agent itself, another agent of the owner, a key that the owner made, a key that nobody stands behind", async () => {
    const { signal, proposal } = await proposing();
    expect(await approve(agent.key, proposal)).toMatchObject(refused(403, "agent_denied"));
    const another = await proposer(here, { owner: agent.owner });
    expect(await approve(another.key, proposal)).toMatchObject(refused(403, "agent_denied"));
    const owner = restClient(url, await agent.owner.session({ proven: true }));
    const its = ["proposal.approve", "proposal.read", "signal.acknowledge"];
    const made = await owner.post("/api-keys", { name: "mine", permissions: its, clearance: "internal" });
    expect(await approve(made.body.secret, proposal)).toMatchObject(refused(403, "four_eyes"));
    expect(await approve(await here.key(), proposal)).toMatchObject(refused(403, "four_eyes"));
    expect(await stateOf(signal)).toBe("new");
  });

  test("403 person_required: a key that somebody else made is still no person", async () => {
    const { proposal } = await proposing();
    const somebody = restClient(url, await (await here.person()).session({ proven: true }));
    const its = ["proposal.approve", "proposal.read", "signal.acknowledge"];
    const made = await somebody.post("/api-keys", { name: "mine", permissions: its, clearance: "internal" });
    expect(await approve(made.body.secret, proposal)).toMatchObject(refused(403, "person_required"));
  });

  test("403 four_eyes: who has become the agent's owner since", async () => {
    const { proposal } = await proposing();
    const next = await here.person();
    await sql`update agents set owner_id = ${next.uuid} where id = ${uuidOf(agent.id)}`;
    expect(await approve(await next.session(), proposal)).toMatchObject(refused(403, "four_eyes"));
    expect(await approve(await agent.owner.session(), proposal)).toMatchObject(refused(403, "four_eyes"));
    expect((await approve(await (await here.person()).session(), proposal)).status).toBe(200);
  });

  test("DA003 by raw SQL: the database refuses the owner's approval, also with an entry to it", async () => {
    const { proposal } = await proposing();
    const byHand = (who: Person, persons: readonly string[]) =>
      app.begin(async (tx) => {
        await tx`select set_config('dais.tenant', ${here.tenantId}, true)`;
        await tx`update proposals set state = 'approved', version = 2, decided_by = ${who.id} where id = ${uuidOf(proposal.id)}`;
        await tx`insert into audit (id, tenant_id, at, outcome, actor_kind, actor_id, persons, operation, action, resource_type, resource_id,
            event, from_state, to_state, changed, request_id, salt)
          values (${crypto.randomUUID()}, ${here.tenantId}, now(), 'done', 'user', ${who.id}, ${persons as string[]}, 'proposals.approve',
            'proposal.approve', 'proposal', ${uuidOf(proposal.id)}, 'approve', 'open', 'approved', true, 'by-hand', 'salt')`;
      });
    for (const person of [agent.owner, friend])
      await expect(byHand(person, [person.id])).rejects.toMatchObject({ code: "DA003" });
    await expect(byHand(agent.owner, [])).rejects.toMatchObject({ code: "DA003" });
    const stranger = await here.person();
    await expect(byHand(agent.owner, [stranger.id])).rejects.toMatchObject({ code: "DA003" });
  });

  test("42501 by raw SQL: what was proposed and shown can't be changed by the server's own role", async () => {
    const { proposal } = await proposing();
    for (const column of ["operation", "input", "input_hash", "effect", "effect_hash", "persons", "ids", "agent_id"])
      await expect(
        app.begin(async (tx) => {
          await tx`select set_config('dais.tenant', ${here.tenantId}, true)`;
          await tx`update proposals set ${tx(column)} = ${tx(column)} where id = ${uuidOf(proposal.id)}`;
        }),
      ).rejects.toMatchObject({ code: "42501" });
  });

  test("403 four_eyes later on: what came of a proposal has the hand of whoever is behind the agent", async () => {
    const { signal, proposal } = await proposing();
    const somebody = await here.person();
    expect((await approve(await somebody.session(), proposal)).status).toBe(200);
    const [row] =
      await sql`select had_a_hand(${here.tenantId}, 'proposal', ${uuidOf(proposal.id)}, ${[agent.owner.id]}) as hand`;
    expect(row?.hand).toBe(agent.owner.id);
    const [entry] = (await here.trail(uuidOf(signal.id))).slice(-1);
    expect([...((entry?.persons ?? []) as string[])].sort()).toEqual([agent.owner.id, friend.id, somebody.id].sort());
  });
});

describe("who approves may do it, now", () => {
  test("403 forbidden without the command's own permission", async () => {
    const { signal, proposal } = await proposing();
    const person = await here.person({ roles: ["executive", "approver"] });
    expect(await approve(await person.session({ proven: true }), proposal)).toMatchObject(
      refused(403, "forbidden", { permission: "signal.acknowledge" }),
    );
    const reader = await here.person({ roles: ["operational"] });
    expect(await approve(await reader.session({ proven: true }), proposal)).toMatchObject(
      refused(403, "forbidden", { permission: "proposal.approve" }),
    );
    expect(await stateOf(signal)).toBe("new");
    expect((await api.get(`/proposals/${proposal.id}`)).body.state).toBe("open");
  });

  test("403 forbidden for who lost the role between reading and pressing, on every process", async () => {
    const { proposal } = await proposing();
    const person = await here.person({ roles: ["operational", "approver"] });
    const key = await person.session();
    for (const at of [url, other]) {
      const { items } = (await restClient(at, key).get(`/proposals/${proposal.id}/moves`)).body;
      expect(items[0]).toMatchObject({ event: "approve", allowed: true });
    }
    const admin = restClient(url, await (await here.person()).session({ proven: true }));
    expect((await admin.post(`/people/${person.id}/revoke-role`, { role: "approver" })).status).toBe(200);
    for (const at of [url, other])
      expect(await approve(key, proposal, at)).toMatchObject(
        refused(403, "forbidden", { permission: "proposal.approve" }),
      );
    expect((await api.get(`/proposals/${proposal.id}`)).body.state).toBe("open");
  });

  test("401 step_up_required where the command asks for a second factor, which the proposal says", async () => {
    const { proposal } = await proposing();
    const operation = operations.get("signals.acknowledge");
    if (!operation) throw new Error("no such operation");
    const person = await here.person();
    operation.meta.assurance = { mfa: true, maxAgeSeconds: 300 };
    try {
      expect((await api.get(`/proposals/${proposal.id}`)).body.stepUp).toEqual({ maxAgeSeconds: 300 });
      for (const proven of [false, 301_000] as const) {
        const answer = await approve(await person.session({ proven }), proposal);
        expect(answer).toMatchObject(refused(401, "step_up_required"));
        expect(answer.headers.get("www-authenticate")).toContain('error="insufficient_claims"');
      }
      expect((await approve(await person.session({ proven: true }), proposal)).status).toBe(200);
      // An agent isn't asked for what it can't give: it only proposes.
      expect((await proposing()).proposal.state).toBe("open");
    } finally {
      operation.meta.assurance = null;
    }
  });
});

describe("an approval happens once", () => {
  test("two at once, on two processes: one effect, and the other is told", async () => {
    const { signal, proposal } = await proposing();
    const keys = await Promise.all([here.person(), here.person()].map(async (one) => (await one).session()));
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => approve(keys[n % 2] as string, proposal, n % 4 < 2 ? url : other)),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const { body } of answers.filter(({ status }) => status !== 200))
      expect(["proposal_changed", "proposal_wrong_state", "busy"]).toContain(body.code);
    expect(await entriesOf(proposal)).toHaveLength(1);
    expect((await api.get(`/signals/${signal.id}`)).body).toMatchObject({ state: "acknowledged", version: 2 });
  });

  test("a retry with the same key gets the first answer", async () => {
    const { proposal } = await proposing();
    const key = await (await here.person()).session();
    const header = { "idempotency-key": "approve-1" };
    const first = await approve(key, proposal, url, header);
    const again = await approve(key, proposal, other, header);
    expect(again).toMatchObject({ status: 200, body: first.body });
    expect(again.headers.get("idempotency-replayed")).toBe("true");
    expect(await entriesOf(proposal)).toHaveLength(1);
  });
});
