import { operations } from "@dais/contracts";
import { uuidOf } from "@dais/contracts/kit/ids";
import { agentWorkflow } from "@dais/contracts/workflows/agent";
import { beforeAll, describe, expect, test } from "vitest";
import { type Bearer, knownPerson, letIn, startBearer, stepUpClaims } from "./support/bearer.ts";
import type { Person } from "./support/people.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { aSignal } from "./support/samples.ts";

/** In this file, to let an agent go on takes somebody who didn't register it. */
Object.assign(agentWorkflow.moves.resume, { fourEyes: true });
const resuming = operations.get("agents.resume");
if (resuming) Object.assign(resuming.meta, { problems: [...resuming.meta.problems, "four_eyes"] });

let here: Bearer;
let layla: Person;
let key: RestClient;

beforeAll(async () => {
  here = await startBearer();
  layla = await knownPerson(here, here.layla.oid, ["executive"]);
  await letIn(here, here.program);
  key = restClient(here.url, await here.place.key());
});

const as = async (person: Person) => restClient(here.url, await person.session({ proven: true }), { origin: here.url });
const person = (...roles: string[]) => here.place.person({ roles });
const delegate = async (from: Person, to: Person, moves = ["agent.resume"]): Promise<string> => {
  const until = new Date(Date.now() + 86_400_000).toISOString();
  const said = { fromId: from.id, toId: to.id, moves, until, reason: "On leave." };
  const answer = await key.post("/delegations", said);
  if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
  return answer.body.id;
};
/** An agent that somebody registered, and that waits for somebody to let it go on. */
const suspended = async (by: Person): Promise<string> => {
  const { body } = await (await as(by)).post("/agents", {
    ...{ name: "Night watch", purpose: "A test.", model: "watch-1", modelVersion: "1" },
    ...{ permissions: ["signal.read"], clearance: "internal", ownerId: layla.id },
  });
  await key.post(`/agents/${body.id}/suspend`, { version: 1, reason: "A test." });
  return body.id;
};
const resume = async (by: RestClient, id: string) => {
  const { status, body } = await by.post(`/agents/${id}/resume`, { version: 2 });
  return body.code ?? status;
};
const last = async (id: string) => (await here.place.trail(uuidOf(id))).at(-1);

describe("four eyes and delegations", () => {
  test("403 four_eyes: who acts for somebody who had a hand in it; by themselves they may", async () => {
    const [maker, other] = [await person("admin"), await person("executive")];
    const id = await suspended(maker);
    await delegate(maker, other);
    const session = await as(other);
    expect(await resume(session, id)).toBe("four_eyes");
    expect(await resume(await as(maker), id)).toBe("four_eyes");
    const granted = await (await as(await person("admin"))).post(`/people/${other.id}/grant-role`, { role: "admin" });
    expect(granted.status).toBe(200);
    expect(await resume(await as(other), id)).toBe(200);
    expect(await last(id)).toMatchObject({ actor_id: other.id, on_behalf_of: null, persons: [other.id] });
  });

  test("403 four_eyes: who had a hand in it themselves, for somebody who had none", async () => {
    const [maker, giver] = [await person("admin"), await person("admin")];
    const id = await suspended(maker);
    await here.place.person({ roles: [] });
    const admin = await as(await person("admin"));
    await admin.post(`/people/${maker.id}/revoke-role`, { role: "admin" });
    await delegate(giver, maker);
    expect(await resume(await as(maker), id)).toBe("four_eyes");
  });

  test("200: of two who delegated it, for the one who had no hand in it", async () => {
    const [maker, neutral, other] = [await person("admin"), await person("admin"), await person("executive")];
    const id = await suspended(maker);
    const first = await delegate(neutral, other);
    await delegate(maker, other);
    expect(await resume(await as(other), id)).toBe(200);
    expect(await last(id)).toMatchObject({
      on_behalf_of: neutral.id,
      persons: [other.id, neutral.id],
      decision: { fourEyes: true, delegation: first },
    });
  });

  test("the same with a token, and on record", async () => {
    const [maker, neutral] = [await person("admin"), await person("admin")];
    const [own, others] = [await suspended(maker), await suspended(neutral)];
    const id = await delegate(maker, layla);
    const token = restClient(
      here.url,
      await here.persons({ claims: stepUpClaims, presses: ["Layla Al Marri", "Approve"] }),
    );
    expect(await resume(token, own)).toBe("four_eyes");
    expect(await resume(token, others)).toBe(200);
    expect(await last(others)).toMatchObject({
      actor_id: layla.id,
      on_behalf_of: maker.id,
      persons: [layla.id, maker.id],
      decision: { delegation: id, via: expect.stringMatching(/^prg_/) },
    });
    await key.post(`/delegations/${id}/end`, {});
    expect(await resume(token, own)).toBe("forbidden");
  });

  test("403 forbidden: a token that may read only makes no move by a delegation", async () => {
    await delegate(await person("operational"), layla, ["signal.acknowledge"]);
    const { id } = (await key.post("/signals", aSignal())).body.signal;
    const acknowledge = async (scope: string) => {
      const token = restClient(here.url, await here.persons({ scope }));
      const { status, body } = await token.post(`/signals/${id}/acknowledge`, { version: 1 });
      return body.code ?? status;
    };
    expect(await acknowledge("read")).toBe("forbidden");
    expect(await acknowledge("access")).toBe(200);
  });

  test("an agent that acts for somebody has nothing of what others delegated to them", async () => {
    const [giver, owner] = [await person("operational"), await person("executive")];
    await delegate(giver, owner, ["signal.acknowledge"]);
    const its = { name: "Its", purpose: "A test.", model: "watch-1", modelVersion: "1", clearance: "internal" };
    const admin = await as(await person("admin"));
    const permissions = ["signal.read", "signal.acknowledge"];
    const agent = (await admin.post("/agents", { ...its, permissions, ownerId: owner.id })).body;
    const made = { name: "its", kind: "agent", agentId: agent.id, permissions, clearance: "internal" };
    const { secret } = (await admin.post("/api-keys", made)).body;
    const { id } = (await key.post("/signals", aSignal())).body.signal;
    const answer = await restClient(here.url, secret).post(
      `/signals/${id}/acknowledge`,
      { version: 1 },
      { "dais-on-behalf-of": owner.id },
    );
    expect(answer).toMatchObject({ status: 403, body: { code: "forbidden" } });
  });
});
