import { operations } from "@dais/contracts";
import { uuidOf } from "@dais/contracts/kit/ids";
import type { Proposal } from "@dais/contracts/proposals";
import { mostOpen } from "@dais/kernel/proposals/propose";
import { withoutSecrets } from "@dais/kernel/secrets";
import { beforeAll, describe, expect, test } from "vitest";
import { type Face, overMcp, overRest, overRpc } from "./support/faces/speak.ts";
import { asOwner } from "./support/owner.ts";
import { type Place, place } from "./support/place.ts";
import { proposable, sceneOf } from "./support/proposal-scenes.ts";
import { proposed, proposer, reported } from "./support/proposals.ts";
import { restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";
import { call } from "./support/things.ts";
import { told } from "./support/told.ts";

let url: string;
beforeAll(async () => {
  url = (await startServer()).url;
});
const home = async () => {
  const here = await place();
  return { place: here, api: restClient(url, await here.key()) };
};
const refused = (status: number, code: string) => ({ status, body: { code } });
const sql = asOwner();
/** All that a command could have changed. */
const rows = async (tenantId: string) =>
  Promise.all(
    ["signals", "signal_groups", "signal_ties", "jobs", "outbox", "audit"].map(
      async (table) => [table, (await sql`select * from ${sql(table)} where tenant_id = ${tenantId}`).length] as const,
    ),
  );

const jobs = async ({ tenantId }: Place) =>
  (await sql`select name from jobs where tenant_id = ${tenantId} order by created_at, id`).map(({ name }) => name);

describe.each(proposable)("an agent's call of %s", (path, operation) => {
  test("202: an open proposal that shows what would be done, and nothing is done", async () => {
    const here = await home();
    const input = await sceneOf(path)(here);
    const agent = await proposer(here.place);
    const before = Object.fromEntries(await rows(here.place.tenantId));
    const answer = await call(url, agent.key, operation, input);
    expect(answer).toMatchObject({
      status: 202,
      body: { state: "open", operation: path, agentId: agent.id, permission: operation.meta.permission, output: null },
    });
    expect(answer.headers.get("location")).toBe(`/v1/proposals/${answer.body.id}`);
    expect(answer.body.input).toEqual(operation.input.parse(input));
    expect(answer.body.effect.changes.length).toBeGreaterThan(0);
    const after = { ...before, audit: Number(before.audit) + 1, outbox: Number(before.outbox) + 1 };
    expect(Object.fromEntries(await rows(here.place.tenantId))).toEqual(after);
    // Looked at last: who reads what is as high as this is on record, too.
    expect((await here.api.get(`/proposals/${answer.body.id}`)).body).toEqual(answer.body);
    if (typeof input.id === "string" && input.version)
      expect(answer.body.targets).toContainEqual(expect.objectContaining({ id: input.id }));
  });

  test("approved, it does what was shown: the same entries, events and jobs", async () => {
    const here = await home();
    const { body } = await call(url, (await proposer(here.place)).key, operation, await sceneOf(path)(here));
    const person = restClient(url, await (await here.place.person()).session({ proven: true }));
    const told_ = (await told(here.place)).length;
    const before = await jobs(here.place);
    const done = await person.post(`/proposals/${body.id}/approve`, { version: 1 });
    expect(done.body).toMatchObject({ proposal: { state: "approved" } });
    expect(done.body.output).toEqual(withoutSecrets(operation.output, operation.output.parse(done.body.output)));
    const entries = await sql`
      select resource_type, event, changes, changed, operation from audit
      where tenant_id = ${here.place.tenantId} and decision->>'proposal' = ${body.id} order by seq`;
    expect(entries.map((one) => [one.operation, one.resource_type, one.event, one.changed])).toEqual(
      (body as Proposal).effect.changes.map(({ resource, event, changed }) => [path, resource.type, event, changed]),
    );
    const names = (await told(here.place)).slice(told_).map(([name]) => name);
    expect(names).toEqual(["proposal.approved", ...body.effect.events]);
    expect((await jobs(here.place)).slice(before.length)).toEqual(body.effect.jobs);
  });

  test("can be proposed at all: neither secrets nor documents, and its stored input is read as it was", async () => {
    const secret = (schema: object) => JSON.stringify(Object.keys(schema)).includes("secret");
    expect(operation.meta.upload).toBeNull();
    expect(withoutSecrets(operation.output, { probe: 1 })).toEqual({ probe: 1 });
    expect(withoutSecrets(operation.input, { probe: 1 })).toEqual({ probe: 1 });
    expect(secret(operation.input.shape)).toBe(false);
    const input = operation.input.parse(await sceneOf(path)(await home()));
    expect(operation.input.parse(JSON.parse(JSON.stringify(input)))).toEqual(JSON.parse(JSON.stringify(input)));
  });
});

describe("an agent's call", () => {
  test("is judged as ever: 403 without the permission, 400, 428, 404, 412, 409, 422, and leaves nothing", async () => {
    const here = await home();
    const { id } = await reported(here.api);
    const none = restClient(url, (await proposer(here.place, { permissions: ["signal.read"] })).key);
    expect(await none.post(`/signals/${id}/acknowledge`, { version: 1 })).toMatchObject(refused(403, "forbidden"));
    const agent = restClient(url, (await proposer(here.place)).key);
    const ask = (verb: string, body: object, of = id) => agent.post(`/signals/${of}/${verb}`, body);
    expect(await ask("acknowledge", {})).toMatchObject(refused(428, "version_required"));
    expect(await ask("acknowledge", { version: 1, surprise: 1 })).toMatchObject(refused(400, "invalid_input"));
    const never = "sig_01kejc8ht0e6ssypg6m30swm9g";
    expect(await ask("acknowledge", { version: 1 }, never)).toMatchObject(refused(404, "signal_not_found"));
    expect(await ask("acknowledge", { version: 2 })).toMatchObject(refused(412, "signal_changed"));
    expect(await ask("dismiss", { version: 1, reason: "x" })).toMatchObject(refused(409, "signal_wrong_state"));
    const until = "2020-01-01T00:00:00.000Z";
    expect(await ask("snooze", { version: 1, until })).toMatchObject(refused(422, "signal_snooze_until"));
    expect((await here.api.get("/proposals")).body.items).toEqual([]);
  });

  test("403 proposal_required for an agent that nobody registered: nobody answers for it", async () => {
    const here = await home();
    const { id } = await reported(here.api);
    const key = await here.place.key({ kind: "agent" });
    const answer = await here.api.as(key).post(`/signals/${id}/acknowledge`, { version: 1 });
    expect(answer).toMatchObject(refused(403, "proposal_required"));
  });

  const all: Record<string, Face> = { REST: overRest, tRPC: overRpc, MCP: overMcp };
  test.each(Object.entries(all))("over %s: a proposal, and the same one for the same key", async (name, face) => {
    const here = await home();
    const agent = await proposer(here.place);
    const { id } = await reported(here.api);
    const operation = operations.get("signals.acknowledge");
    if (!operation) throw new Error("no such operation");
    const request = { operation, input: { id, version: 1 }, key: agent.key, ifMatch: false };
    const ask = (idempotencyKey: string, input = request.input) => face(url, { ...request, input, idempotencyKey });
    const [first, meanwhile] = await Promise.all([ask(`${name}-1`), ask(`${name}-1`)]);
    expect(first).toMatchObject({ output: { state: "open", agentId: agent.id, operation: "signals.acknowledge" } });
    expect(meanwhile).toEqual(first);
    await here.api.post(`/signals/${id}/acknowledge`, { version: 1 });
    expect(await ask(`${name}-1`)).toEqual(first);
    expect(await ask(`${name}-2`)).toMatchObject({ problem: { code: "signal_changed" } });
    const other = await reported(here.api);
    expect(await ask(`${name}-1`, { id: other.id, version: 1 })).toMatchObject({
      problem: { code: "idempotency_key_reused" },
    });
    expect((await here.api.get("/proposals")).body.items).toHaveLength(1);
  });

  test("202 again, with `Idempotency-Replayed`, also after somebody decided", async () => {
    const here = await home();
    const agent = await proposer(here.place);
    const { id } = await reported(here.api);
    const ask = () =>
      here.api.as(agent.key).post(`/signals/${id}/acknowledge`, { version: 1 }, { "idempotency-key": "k" });
    const first = await ask();
    const person = here.api.as(await (await here.place.person()).session());
    await person.post(`/proposals/${first.body.id}/approve`, { version: 1 });
    const again = await ask();
    expect(again).toMatchObject({ status: 202, body: first.body });
    expect(again.headers.get("idempotency-replayed")).toBe("true");
    expect(again.headers.get("location")).toBe(`/v1/proposals/${first.body.id}`);
  });

  test("is on record as what it is: who is behind the agent, its model, and the permission that it used", async () => {
    const here = await home();
    const friend = await here.place.person();
    const agent = await proposer(here.place, { actsFor: [friend] });
    const { id } = await reported(here.api);
    const headers = { "dais-on-behalf-of": friend.id, "dais-agent-version": "7" };
    const { body } = await here.api.as(agent.key).post(`/signals/${id}/acknowledge`, { version: 1 }, headers);
    expect(body).toMatchObject({ onBehalfOf: friend.id, model: "test-model", modelVersion: "7" });
    const [entry] = await here.place.trail(uuidOf(body.id));
    expect(entry).toMatchObject({
      ...{ operation: "signals.acknowledge", action: "proposal.make", event: "make", to_state: "open" },
      ...{ actor_id: agent.id, on_behalf_of: friend.id, decision: { permission: "signal.acknowledge" } },
    });
    expect(new Set(entry?.persons as string[])).toEqual(new Set([agent.owner.id, friend.id]));
    expect(await told(here.place)).toContainEqual(["proposal.made", { id: body.id }]);
  });

  test("is as high as what it touches: who isn't cleared for that doesn't see the proposal", async () => {
    const here = await home();
    const { id } = await reported(here.api, { classification: "secret" });
    const { body } = await here.api
      .as((await proposer(here.place)).key)
      .post(`/signals/${id}/acknowledge`, { version: 1 });
    expect(body.classification).toBe("secret");
    const low = here.api.as(await (await here.place.person({ clearance: "confidential" })).session());
    expect(await low.get(`/proposals/${body.id}`)).toMatchObject(refused(404, "proposal_not_found"));
    expect(await low.post(`/proposals/${body.id}/approve`, { version: 1 })).toMatchObject(
      refused(404, "proposal_not_found"),
    );
    expect((await low.get("/proposals")).body.items).toEqual([]);
  });

  test("409 proposal_limit: an agent has so many open ones at most, however many it sends at once", async () => {
    const here = await home();
    const agent = await proposer(here.place);
    await filled(here.place.tenantId, agent.id, mostOpen - 2);
    const sent = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const { id } = await reported(here.api);
        return here.api.as(agent.key).post(`/signals/${id}/acknowledge`, { version: 1 });
      }),
    );
    const statuses = sent.map(({ status }) => status).sort();
    expect(statuses).toEqual([202, 202, 409, 409, 409, 409, 409, 409, 409, 409]);
    expect(sent.find(({ status }) => status === 409)?.body).toMatchObject({ code: "proposal_limit", limit: mostOpen });
    const { id } = sent.find(({ status }) => status === 202)?.body ?? {};
    await here.api.as(agent.key).post(`/proposals/${id}/withdraw`, { version: 1 });
    const next = await reported(here.api);
    const another = await here.api.as(agent.key).post(`/signals/${next.id}/acknowledge`, { version: 1 });
    expect(another.status).toBe(202);
    // Another agent has its own.
    expect((await proposed(here)).state).toBe("open");
  });
});

/** As many open proposals of an agent, each with its entry. */
const filled = (tenantId: string, agentId: string, count: number) =>
  sql.begin(async (tx) => {
    const now = new Date();
    const later = new Date(now.getTime() + 86_400_000);
    await tx`
      with made as (
        insert into proposals (id, tenant_id, operation, input, input_hash, effect, effect_hash, ids, agent_id, persons, classification,
          state, expires_at, created_at, updated_at)
        select gen_random_uuid(), ${tenantId}, 'signals.acknowledge', '{}', '', '{"clearance":"public","changes":[],"events":[],"jobs":[]}', '',
          '{}', ${agentId}, '{}', 'public', 'open', ${later}, ${now}, ${now} from generate_series(1, ${count}) returning id
      )
      insert into audit (id, tenant_id, at, outcome, actor_kind, actor_id, operation, action, resource_type, resource_id, event, to_state,
        changed, request_id, salt)
      select gen_random_uuid(), ${tenantId}, ${now}, 'done', 'agent', ${agentId}, 'signals.acknowledge', 'proposal.make', 'proposal', id,
        'make', 'open', true, 'request-of-the-test', 'salt' from made`;
  });
