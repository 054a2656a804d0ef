import { operations } from "@dais/contracts";
import { builtInRoles, permissionsOf } from "@dais/contracts/roles/builtIn";
import { workflows } from "@dais/contracts/workflows/all";
import { beforeAll, describe, expect, test } from "vitest";
import { place } from "./support/place.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";

let api: RestClient;
beforeAll(async () => {
  const { url } = await startServer();
  const here = await place();
  api = restClient(url, await here.key({ permissions: ["workflow.read"], clearance: "public" }));
});
type Move = { event: string; by: string; operation: string | null; permission: string | null };

describe("workflows.list", () => {
  test("200: every workflow of the contract, each state with who acts next or why nobody does", async () => {
    const { items } = (await api.get("/workflows")).body;
    expect(items.map(({ name }: { name: string }) => name)).toEqual([...workflows.keys()]);
    for (const { name, states, moves } of items) {
      const spec = workflows.get(name);
      expect(states.map(({ state }: { state: string }) => state)).toEqual(Object.keys(spec?.states ?? {}));
      for (const { final, rests, waits } of states)
        expect([final === true, rests !== null, waits !== null].filter(Boolean)).toHaveLength(1);
      for (const { by, operation, permission } of moves as Move[]) {
        if (by === "caller" && operation !== null) expect(operations.get(operation)?.meta.permission).toBe(permission);
        if (by === "system") expect([operation, permission]).toEqual([null, null]);
      }
    }
  });

  test("every role may read them", () => {
    for (const { key } of builtInRoles) expect(permissionsOf(key), key).toContain("workflow.read");
  });
});

describe("workflows.get", () => {
  test("200: states, terms, and for each move what it asks for", async () => {
    const { body } = await api.get("/workflows/posture");
    expect(body).toMatchObject({ name: "posture", capability: "posture", initial: "proposed" });
    expect(body.states[0]).toEqual({
      ...{ state: "proposed", final: false, rests: null },
      waits: { permission: "posture.confirm", person: null, hours: 4, workingDays: null, until: null },
    });
    expect(body.moves.find(({ event }: Move) => event === "confirm")).toEqual({
      ...{ event: "confirm", from: ["proposed"], to: "confirmed", by: "caller" },
      ...{ operation: "posture.confirm", permission: "posture.confirm", agent: "deny", stepUp: true },
      ...{ fourEyes: true, hand: false, irreversible: true, policies: ["from_level", "dwell"] },
    });
    expect(body.moves.find(({ event }: Move) => event === "supersede")).toMatchObject({
      by: "system",
      operation: null,
    });
  });

  test("404 workflow_not_found, 400 for what is no name", async () => {
    expect(await api.get("/workflows/nothing")).toMatchObject({ status: 404, body: { code: "workflow_not_found" } });
    expect((await api.get("/workflows/No%20name")).status).toBe(400);
  });
});
