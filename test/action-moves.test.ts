import type { Server } from "@dais/api/server";
import { uuidOf } from "@dais/contracts/kit/ids";
import { move } from "@dais/kernel/machine";
import { task } from "@dais/kernel/task";
import { workflow } from "@dais/modules/actions/workflow";
import { beforeAll, describe, expect, test } from "vitest";
import { type ActionRoom, actionRoom, refused } from "./support/actions.ts";
import { asOwner } from "./support/owner.ts";
import { keyMadeBy } from "./support/posture.ts";
import { type Reply, restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";

let server: Server;
let url: string;
let room: ActionRoom;
beforeAll(async () => {
  server = await startServer();
  url = server.url;
  room = await actionRoom(url);
});

const waitingOf = async (id: string) =>
  (await asOwner()`select state, permission, person_id, due_at from waiting where resource_id = ${uuidOf(id)}`)[0];
/** From each state the events that lead out of it; all others are refused. */
const legal: Record<string, { by: string[]; out: Record<string, string> }> = {
  open: { by: [], out: { start: "in_progress", block: "blocked", complete: "done", cancel: "cancelled" } },
  in_progress: { by: ["start"], out: { block: "blocked", complete: "done", cancel: "cancelled" } },
  blocked: { by: ["block"], out: { unblock: "in_progress", cancel: "cancelled" } },
  done: { by: ["complete"], out: { verify: "verified", reopen: "open" } },
  verified: { by: ["complete", "verify"], out: { reopen: "open" } },
  cancelled: { by: ["cancel"], out: { reopen: "open" } },
};
const events = ["start", "block", "unblock", "complete", "verify", "reopen", "cancel"];
/** An action of the officer's that has come into a state. */
async function inState(state: string): Promise<{ id: string; version: number }> {
  const { id } = await room.made();
  const [officer, chief] = [await room.as(room.officer), await room.as(room.chief)];
  let last: Reply["body"] = { id, version: 1 };
  for (const event of legal[state]?.by ?? [])
    last = await room.moved(id, [event], event === "verify" ? chief : officer);
  return { id, version: last.version };
}

describe.each(Object.keys(legal))("an action that is %s", (state) => {
  test.each(events)("%s leads where the table says, or is 409 action_wrong_state", async (event) => {
    const { id, version } = await inState(state);
    const chief = await room.as(room.chief);
    const reason = ["block", "reopen", "cancel"].includes(event) ? { reason: "A test." } : {};
    const answer = await chief.post(`/actions/${id}/${event}`, { version, ...reason });
    const to = legal[state]?.out[event];
    if (to) expect(answer).toMatchObject({ status: 200, body: { state: to, version: version + 1 } });
    else expect(answer).toMatchObject(refused(409, "action_wrong_state", { state }));
  });
});

describe("actions.start", () => {
  test("412 action_changed: from another version nothing moves, and the answer says which there is", async () => {
    const { id } = await room.made();
    await room.moved(id, ["start"]);
    expect(await room.api.post(`/actions/${id}/complete`, { version: 1 })).toMatchObject(
      refused(412, "action_changed", { version: 2, state: "in_progress" }),
    );
  });
});

describe("actions.block", () => {
  test("400: without a reason; with one, it is kept", async () => {
    const { id } = await room.made();
    expect((await room.api.post(`/actions/${id}/block`, { version: 1 })).status).toBe(400);
    const blocked = await room.api.post(`/actions/${id}/block`, { version: 1, reason: "No truck." });
    expect(blocked.body).toMatchObject({ state: "blocked", stateReason: "No truck." });
  });
});

describe("actions.unblock", () => {
  test("200: it goes on, and waits for its owner as before", async () => {
    const { id } = await inState("blocked");
    expect(await waitingOf(id)).toMatchObject({ state: "blocked", person_id: room.officer.uuid });
    await room.moved(id, ["unblock"]);
    expect(await waitingOf(id)).toMatchObject({ state: "in_progress", person_id: room.officer.uuid, due_at: null });
  });
});

describe("actions.complete", () => {
  test("200: says who and when, and waits for whoever may verify it", async () => {
    const { id } = await room.made();
    const done = await room.moved(id, ["complete"], await room.as(room.deputy));
    expect(done).toMatchObject({ state: "done", completedBy: room.deputy.id, verifiedBy: null });
    expect(await waitingOf(id)).toMatchObject({ state: "done", permission: "action.verify", person_id: null });
  });
});

describe("actions.verify", () => {
  test("200: by another person; then nobody is waited for", async () => {
    const { id, version } = await inState("done");
    const chief = await room.as(room.chief);
    const answer = await chief.post(`/actions/${id}/verify`, { version });
    expect(answer.body).toMatchObject({ state: "verified", verifiedBy: room.chief.id });
    expect(await waitingOf(id)).toBeUndefined();
  });

  test("403 action_own_work: its owner, whoever completed it, a key of theirs, and a key that nobody made", async () => {
    const { id } = await room.made();
    const { version } = await room.moved(id, ["complete"], await room.as(room.deputy));
    const own = keyMadeBy(room.here, room.officer);
    await asOwner()`update api_keys set permissions = '{action.verify,action.read}' where created_by = ${room.officer.id}`;
    const theirs = restClient(url, await own);
    await asOwner()`update api_keys set permissions = '{action.verify,action.read}' where created_by = ${room.officer.id}`;
    for (const by of [await room.as(room.officer), await room.as(room.deputy), theirs, room.api])
      expect(await by.post(`/actions/${id}/verify`, { version })).toMatchObject(refused(403, "action_own_work"));
    expect((await (await room.as(room.chief)).post(`/actions/${id}/verify`, { version })).status).toBe(200);
  });

  test("403 action_own_work: not for its owner by delegation either", async () => {
    const { id, version } = await inState("done");
    const to = await room.here.person({ roles: ["executive"] });
    const until = new Date(Date.now() + 86_400_000).toISOString();
    const lent = { fromId: room.officer.id, toId: to.id, moves: ["action.verify"], until, reason: "On leave." };
    expect((await room.api.post("/delegations", lent)).status).toBe(201);
    expect(await (await room.as(to)).post(`/actions/${id}/verify`, { version })).toMatchObject(
      refused(403, "action_own_work"),
    );
  });

  test("the database refuses it, whatever code lets it through", async () => {
    const { id, version } = await inState("done");
    const { policies: _, ...lax } = workflow;
    const verifying = task({
      name: "actions.test",
      action: "action.test",
      run: (ctx) => move(ctx, { ...lax, policies: { another: () => null } }, id, "verify", { version }),
    });
    for (const onBehalfOf of [room.officer.id, null]) {
      const on = { tenantId: room.here.tenantId, onBehalfOf, requestId: "request-of-the-test" };
      await expect(server.kernel.perform(verifying, on, undefined)).rejects.toMatchObject({ code: "DA003" });
    }
    const on = { tenantId: room.here.tenantId, onBehalfOf: room.chief.id, requestId: "request-of-the-test" };
    expect(await server.kernel.perform(verifying, on, undefined)).toMatchObject({ state: "verified" });
  });
});

describe("actions.reopen", () => {
  test("200: what was done is open again, and nobody has completed it", async () => {
    const { id } = await inState("verified");
    const open = await room.moved(id, ["reopen"]);
    expect(open).toMatchObject({ state: "open", completedBy: null, completedAt: null, verifiedBy: null });
    expect(await waitingOf(id)).toMatchObject({ state: "open", person_id: room.officer.uuid });
  });
});

describe("actions.cancel", () => {
  test("200: nobody waits for it any more; 400 without a reason", async () => {
    const { id } = await room.made();
    expect((await room.api.post(`/actions/${id}/cancel`, { version: 1 })).status).toBe(400);
    await room.moved(id, ["cancel"]);
    expect(await waitingOf(id)).toBeUndefined();
  });
});

describe("actions.moves", () => {
  test("200: says to the owner of a done action that somebody else verifies it", async () => {
    const { id } = await inState("done");
    const moves = async (by = room.officer) =>
      (await (await room.as(by)).get(`/actions/${id}/moves`)).body.items as { event: string }[];
    expect((await moves()).find(({ event }) => event === "verify")).toMatchObject({ why: "action_own_work" });
    expect((await moves(room.chief)).find(({ event }) => event === "verify")).toMatchObject({ allowed: true });
    expect((await moves()).find(({ event }) => event === "start")).toMatchObject({ why: "action_wrong_state" });
  });
});
