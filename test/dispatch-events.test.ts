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

  test("is raised for every day where that was approved: the setting, on record, and by no other way", async () => {
    const room = await dispatchRoom(url, await home.place());
    const approves = await approver(room);
    const settings = async () => (await room.api.get("/organisations/current")).body;
    const { id, version } = await settings();
    const patch = (dailyMessages: number) =>
      room.api.patch(`/organisations/${id}`, { version, communications: { dailyMessages } });
    expect(await patch(2001)).toMatchObject({
      ...{ status: 422, body: { code: "organisation_cap_unapproved", cap: 2000 } },
    });
    const asked = { day: null, cap: 3000, reason: "Two more entities." };
    const { approvalId } = room.done(await room.api.post("/dispatches/raise-cap", asked));
    room.done(await approves.post(`/approvals/${approvalId}/approve`, { version: 1 }));
    await home.work([capGranted]);
    await expect.poll(() => cap(room), { timeout: 30_000 }).toBe(3000);
    expect((await room.api.get("/dispatches/day?day=2031-01-06")).body.cap).toBe(3000);
    expect(await settings()).toMatchObject({
      ...{ version: version + 1, settings: { communications: { dailyMessages: 3000 } } },
    });
    const told = await home.owner`select name, payload from outbox where tenant_id = ${room.here.tenantId}
      and name in ('dispatch.cap_raised', 'organisation.updated') order by name`;
    expect(told).toMatchObject([
      { name: "dispatch.cap_raised", payload: { day: null, cap: 3000 } },
      { name: "organisation.updated", payload: { id } },
    ]);
    const [entry] = (await room.here.trail()).filter(({ action }) => action === "dispatch.raise_cap").slice(-1);
    expect(entry).toMatchObject({ changed: true, reason: "approved", resource_type: "organisation" });
    const lowered = { version: version + 1, communications: { dailyMessages: 10 } };
    expect((await room.api.patch(`/organisations/${id}`, lowered)).status).toBe(200);
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
