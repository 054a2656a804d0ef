import type { Server } from "@dais/api/server";
import { operations } from "@dais/contracts";
import type { Operation } from "@dais/contracts/kit/derive";
import { builtInRoles } from "@dais/contracts/roles/builtIn";
import { move } from "@dais/kernel/machine";
import { task } from "@dais/kernel/task";
import { workflow } from "@dais/modules/posture/workflow";
import { beforeAll, describe, expect, test } from "vitest";
import { makeAgent } from "./support/agents.ts";
import { aBriefing } from "./support/briefings.ts";
import { type Face, faces, type Said } from "./support/faces/speak.ts";
import { asOwner } from "./support/owner.ts";
import type { Person } from "./support/people.ts";
import { type Place, place } from "./support/place.ts";
import { keyMadeBy } from "./support/posture.ts";
import { reported } from "./support/proposals.ts";
import { restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";
import { setPosture } from "./support/things.ts";

/** Somebody in one of the ways in which they can come: with a credential, and the people who are behind it then. */
const drafting = ["briefing.read", "briefing.create", "briefing.update", "briefing.submit"];
type Way = { name: string; key: string; headers?: Record<string, string>; behind: string[] };

let server: Server;
let here: Place;
let makers: Way[];
let approvers: Way[];
let agents: Way[];
let reader: Person;
beforeAll(async () => {
  server = await startServer();
  here = await place();
  await setPosture(here, {});
  reader = await here.person({ roles: [] });
  const people = await Promise.all(
    ["Amal", "Basma", "Ziad"].map((name) => here.person({ name, roles: ["operational", "approver"] })),
  );
  const proven = (person: Person) => person.session({ proven: true });
  const after = (n: number) => people[(n + 1) % people.length] as Person;
  const each = async (make: (person: Person, n: number) => Promise<Way>) => Promise.all(people.map(make));

  agents = (
    await each(async (owner, n) => {
      const said = { ownerId: owner.uuid, actsFor: [after(n).uuid], clearance: "secret" };
      const permissions = [
        "approval.request",
        "posture.read",
        "posture.propose",
        "signal.read",
        "signal.acknowledge",
        ...drafting,
      ];
      const id = await makeAgent(asOwner(), here.tenantId, new Date(), { ...said, permissions });
      const key = await here.key({ permissions, agent: { id } });
      return { name: `an agent of ${n}`, key, behind: [owner.id] };
    })
  ).flatMap((agent, n) => [
    agent,
    {
      ...{ ...agent, name: `${agent.name} for ${(n + 1) % 3}`, behind: [...agent.behind, after(n).id] },
      headers: { "dais-on-behalf-of": after(n).id },
    },
  ]);
  const own = await each(async (person, n) => ({ name: `${n}`, key: await proven(person), behind: [person.id] }));
  const keys = await each(async (person, n) => ({
    ...{ name: `a key that ${n} made`, key: await keyMadeBy(here, person, drafting), behind: [person.id] },
  }));
  const delegates = await each(async (giver, n) => {
    const to = await here.person({ name: "Layla", roles: ["executive"] });
    const until = new Date(Date.now() + 86_400_000).toISOString();
    const moves = ["approval.approve", "posture.confirm", "proposal.approve", "briefing.approve", "signal.acknowledge"];
    const lent = { fromId: giver.id, toId: to.id, moves, until, reason: "On leave." };
    const answer = await restClient(server.url, await here.key()).post("/delegations", lent);
    if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
    return { name: `a delegate of ${n}`, key: await proven(to), behind: [to.id, giver.id] };
  });
  makers = [...own, ...keys, ...agents];
  approvers = [...own, ...delegates];
});

/** Sends a command over one of the faces. */
async function send(face: Face, path: string, key: string, input: Record<string, unknown>): Promise<Said> {
  const request = { operation: operations.get(path) as Operation, input, key, idempotencyKey: null, ifMatch: false };
  return (await face(server.url, request)) as Said;
}
const came = (said: Said) => ("output" in said ? "done" : said.problem.code);
const byTurns = Object.entries(faces);
const reason = "Seen from the site itself.";

/** A change of posture, of an entity of its own, that somebody proposed. */
async function change({ key, headers }: Way): Promise<string> {
  const entity = { key: `e${crypto.randomUUID()}`, name: { en: "Site" }, kind: "company" };
  const { id: entityId } = (await restClient(server.url, await here.key()).post("/entities", entity)).body;
  const said = { level: "high", reason, entityId };
  const answer = await restClient(server.url, key).post("/posture/changes", said, headers);
  if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
  return answer.body.id;
}

/** A briefing that the first wrote, the second edited, and the third submitted. */
async function briefing(writer: Way, editor: Way, submitter: Way): Promise<string> {
  const send = async (way: Way, method: string, path: string, body: object) => {
    const answer = await restClient(server.url, way.key).send(path, { method, body, headers: way.headers });
    if (answer.status >= 300) throw new Error(JSON.stringify(answer.body));
    return answer.body;
  };
  const said = aBriefing({ audience: { personIds: [reader.id] } });
  const { id } = await send(writer, "POST", "/briefings", said);
  const { version } = await send(editor, "PATCH", `/briefings/${id}`, { version: 1, title: { en: "Edited" } });
  await send(submitter, "POST", `/briefings/${id}/submit`, { version });
  return id;
}

/** Moves with four eyes, done by somebody who had a hand in the thing: as the database finds them, whatever code let them through. */
const slipped = () => asOwner()`
  select a.operation, a.actor_id from audit a join workflow_moves m on m.machine = a.resource_type and m.event = a.event and m.four_eyes
  where a.outcome = 'done' and a.tenant_id = ${here.tenantId}
    and (cardinality(a.persons) = 0 or had_a_hand(a.tenant_id, a.resource_type, a.resource_id, a.persons) is not null)`;

describe("nobody approves what they had a hand in", () => {
  test("a posture: whoever proposes in whatever way, and whoever confirms in whatever way, over each face", async () => {
    let turn = 0;
    for (const maker of makers) {
      for (const approver of approvers) {
        const [face, send_] = byTurns[turn++ % byTurns.length] as [string, Face];
        const id = await change(maker);
        const said = await send(send_, "posture.confirm", approver.key, { id, version: 1, reason });
        const apart = !approver.behind.some((person) => maker.behind.includes(person));
        expect(came(said), `${maker.name}, then ${approver.name}, by ${face}`).toBe(apart ? "done" : "four_eyes");
      }
    }
    expect(await slipped()).toEqual([]);
  }, 180_000);

  test("a briefing: whoever writes, edits or submits it in whatever way, and whoever approves in whatever way, over each face", async () => {
    let turn = 0;
    const [one, two] = makers as [Way, Way];
    for (const maker of makers) {
      for (const approver of approvers) {
        const hands = (
          [
            [maker, one, two],
            [one, maker, two],
            [one, two, maker],
          ] as const
        )[turn % 3] as [Way, Way, Way];
        const [face, send_] = byTurns[turn++ % byTurns.length] as [string, Face];
        const id = await briefing(...hands);
        const said = await send(send_, "briefings.approve", approver.key, { id, version: 3 });
        const apart = !approver.behind.some((person) => hands.some(({ behind }) => behind.includes(person)));
        const how = `${hands.map(({ name }) => name).join(", ")}, then ${approver.name}, by ${face}`;
        expect(came(said), how).toBe(apart ? "done" : "four_eyes");
      }
    }
    expect(await slipped()).toEqual([]);
  }, 180_000);

  test("a proposal: whoever is behind the agent, and whoever approves in whatever way, over each face", async () => {
    const api = restClient(server.url, await here.key());
    let turn = 0;
    for (const agent of agents) {
      for (const approver of approvers) {
        const [face, send_] = byTurns[turn++ % byTurns.length] as [string, Face];
        const { id: signal } = await reported(api);
        const asked = await restClient(server.url, agent.key).post(
          `/signals/${signal}/acknowledge`,
          { version: 1 },
          agent.headers,
        );
        expect(asked.status).toBe(202);
        const said = await send(send_, "proposals.approve", approver.key, { id: asked.body.id, version: 1 });
        const apart = !approver.behind.some((person) => agent.behind.includes(person));
        expect(came(said) === "done", `${agent.name}, then ${approver.name}, by ${face}: ${came(said)}`).toBe(apart);
      }
    }
    expect(await slipped()).toEqual([]);
  }, 180_000);

  test("an approval: whoever requests it in whatever way, and whoever approves in whatever way, over each face", async () => {
    let turn = 0;
    for (const maker of makers) {
      for (const approver of approvers) {
        const [face, send_] = byTurns[turn++ % byTurns.length] as [string, Face];
        const wanted = { title: "Cooling units", classification: "internal", approvers: ["approval.approve"] };
        const asked = await restClient(server.url, maker.key).post("/approvals", wanted, maker.headers);
        if (asked.status !== 201) throw new Error(JSON.stringify(asked.body));
        const said = await send(send_, "approvals.approve", approver.key, { id: asked.body.id, version: 1 });
        const apart = !approver.behind.some((person) => maker.behind.includes(person));
        expect(came(said), `${maker.name}, then ${approver.name}, by ${face}`).toBe(apart ? "done" : "four_eyes");
      }
    }
    expect(await slipped()).toEqual([]);
  }, 180_000);

  test.each(builtInRoles.map(({ key }) => key))("%s: is no exemption from it", async (role) => {
    const person = await here.person({ roles: [...new Set([role, "operational", "approver", "admin"])] });
    const way = { name: role, key: await person.session({ proven: true }), behind: [person.id] };
    for (const [, face] of byTurns) {
      const said = await send(face, "posture.confirm", way.key, { id: await change(way), version: 1, reason });
      expect(came(said)).toBe("four_eyes");
    }
  });

  test("nor does the server itself, for whoever made it or for nobody", async () => {
    const confirming = task({
      name: "posture.test",
      action: "posture.test",
      run: (ctx, id: string) => move(ctx, workflow, id, "confirm", { version: 1, reason }),
    });
    const maker = makers[0] as Way;
    for (const onBehalfOf of [...maker.behind, null]) {
      const on = { tenantId: here.tenantId, onBehalfOf, requestId: "request-of-the-test" };
      const done = server.kernel.perform(confirming, on, await change(maker));
      await expect(done).rejects.toMatchObject({ code: "four_eyes" });
    }
    expect(await slipped()).toEqual([]);
  });
});
