import { capGranted } from "@dais/modules/dispatches/events";
import { afterEach, describe, expect, test } from "vitest";
import { type DispatchRoom, dispatchRoom } from "./support/dispatches.ts";
import { relayHome } from "./support/relay.ts";
import { restClient } from "./support/rest.ts";

const home = await relayHome();
afterEach(() => home.rest());
const { url } = home.server;

describe("a day's cap that people are asked to raise", () => {
  const cap = async ({ api }: DispatchRoom) => (await api.get("/dispatches/day")).body.cap;
  const approver = async ({ here }: DispatchRoom) =>
    restClient(url, await (await here.person({ roles: ["approver"] })).session({ proven: true }));

  test("is raised once they have approved it, and told; the setting doesn't change", async () => {
    const room = await dispatchRoom(url, await home.place());
    const approves = await approver(room);
    const { approvalId } = room.done(await room.api.post("/dispatches/raise-cap", { cap: 5000, reason: "A storm." }));
    await home.work([capGranted]);
    expect(await cap(room)).toBe(2000);
    room.done(await approves.post(`/approvals/${approvalId}/approve`, { version: 1 }));
    await expect.poll(() => cap(room), { timeout: 30_000 }).toBe(5000);
    const told =
      await home.owner`select payload from outbox where tenant_id = ${room.here.tenantId} and name = 'dispatch.cap_raised'`;
    expect(told).toMatchObject([{ payload: { cap: 5000 } }]);
    expect((await room.api.get("/organisations/current")).body.settings.communications.dailyMessages).toBe(2000);
  });

  test("stays where an approval only says that it is about a cap", async () => {
    const room = await dispatchRoom(url, await home.place());
    const approves = await approver(room);
    const { day } = (await room.api.get("/dispatches/day")).body;
    const said = { title: "A cake", classification: "public", approvers: ["approval.approve"] };
    const forged = { ...said, subject: { type: "dispatch_cap", id: day }, details: "9000000" };
    const { id } = room.done(await room.api.post("/approvals", forged));
    room.done(await approves.post(`/approvals/${id}/approve`, { version: 1 }));
    await home.work([capGranted]);
    const taken = () =>
      home.owner`select 1 from inbox where tenant_id = ${room.here.tenantId} and consumer = ${capGranted.name}`;
    await expect.poll(async () => (await taken()).length, { timeout: 30_000 }).toBe(1);
    expect(await cap(room)).toBe(2000);
  });
});
