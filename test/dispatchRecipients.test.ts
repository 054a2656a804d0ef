import { uuidOf } from "@dais/contracts/kit/ids";
import { acknowledgeAs } from "@dais/modules/dispatchRecipients";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type DispatchRoom, dispatchRoom, setAttempt } from "./support/dispatches.ts";
import type { Person } from "./support/people.ts";
import { type Reply, type RestClient, restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";
import { told } from "./support/told.ts";

let server: Awaited<ReturnType<typeof startServer>>;
let room: DispatchRoom;
let person: Person;
let mine: RestClient;
let recipient: Reply["body"];
beforeAll(async () => {
  server = await startServer();
});
beforeEach(async () => {
  room = await dispatchRoom(server.url);
  person = await room.here.person({ roles: ["executive"] });
  mine = restClient(server.url, await person.session());
  const policy = { steps: [{ channel: "sms", until: "acknowledged", waitMinutes: 30 }], escalateAfterMinutes: 60 };
  const { id } = await room.made({ audience: room.to(person), policy });
  [recipient] = (await room.recipientsOf(id)) as [Reply["body"]];
});
const path = () => `/dispatch-recipients/${recipient.id}`;
const acknowledge = (api: RestClient) => api.post(`${path()}/acknowledge`, {});
const refused = (status: number, code: string) => ({ status, body: { code } });

describe("dispatchRecipients.acknowledge", () => {
  test("200: it is on record and told, and nothing more happens by the clock", async () => {
    const { status, body } = await acknowledge(mine);
    expect({ status, body }).toMatchObject({
      status: 200,
      body: {
        changed: true,
        recipient: { state: "acknowledged", acknowledgedVia: "api", nextAt: null, escalateAt: null },
      },
    });
    expect(await room.here.trail(uuidOf(recipient.id))).toMatchObject([
      { event: "address" },
      { event: "acknowledge", from_state: "queued", to_state: "acknowledged", actor_id: person.id },
    ]);
    const payload = { id: recipient.id, dispatchId: recipient.dispatchId };
    expect(await told(room.here)).toContainEqual([
      "dispatch_recipient.acknowledged",
      { ...payload, from: "queued", to: "acknowledged", reason: null },
    ]);
  });

  test("200: again, it says when that was", async () => {
    const first = (await acknowledge(mine)).body.recipient;
    expect((await acknowledge(mine)).body).toEqual({ changed: false, recipient: first });
  });

  test("200: of two at the same time, one changes it", async () => {
    const both = await Promise.all([acknowledge(mine), acknowledge(mine)]);
    expect(both.map(({ body }) => body.changed).sort()).toEqual([false, true]);
  });

  test("403 for somebody else's; 404 for who may not read recipients, also once it is acknowledged", async () => {
    const other = restClient(server.url, await (await room.here.person({ roles: ["operational"] })).session());
    const approver = restClient(server.url, await (await room.here.person({ roles: ["approver"] })).session());
    for (const _ of ["before", "after"]) {
      expect(await acknowledge(other)).toMatchObject(refused(403, "dispatch_recipient_foreign"));
      expect(await acknowledge(room.api)).toMatchObject(refused(403, "dispatch_recipient_foreign"));
      expect(await acknowledge(approver)).toMatchObject(refused(404, "dispatch_recipient_not_found"));
      await acknowledge(mine);
    }
  });
});

describe("acknowledging by the link or a reply", () => {
  const on = () => ({ tenantId: room.here.tenantId, onBehalfOf: person.id, requestId: "request-of-the-test" });
  const by = (via: "link" | "reply", recipientId = uuidOf(recipient.id)) =>
    server.kernel.perform(acknowledgeAs, on(), { recipientId, via });

  test("is once, on behalf of the person, and says afterwards when it was", async () => {
    const first = await by("link");
    expect(first).toMatchObject({ changed: true, recipient: { acknowledgedVia: "link" } });
    expect(await by("reply")).toEqual({ ...first, changed: false });
    expect((await room.here.trail(uuidOf(recipient.id))).slice(1)).toMatchObject([
      { actor_kind: "system", on_behalf_of: person.id, event: "acknowledge", changed: true },
      { actor_kind: "system", changed: false },
    ]);
  });

  test("is nobody's where there is no such recipient, or it is another organisation's", async () => {
    expect(await by("link", crypto.randomUUID())).toBeNull();
    const elsewhere = { ...on(), tenantId: (await dispatchRoom(server.url)).here.tenantId };
    const input = { recipientId: uuidOf(recipient.id), via: "link" as const };
    expect(await server.kernel.perform(acknowledgeAs, elsewhere, input)).toBeNull();
    expect((await mine.get(path())).body.state).toBe("queued");
  });
});

describe("dispatchRecipients.get", () => {
  test("200: with every attempt, oldest first; whole addresses only for who may see people's", async () => {
    const at = (minute: number) => new Date(Date.UTC(2026, 0, 6, 4, minute));
    await setAttempt(room.here, recipient, {
      step: 1,
      channel: "email",
      address: "huda@rimal.example",
      started_at: at(2),
    });
    await setAttempt(room.here, recipient, { state: "refused", status: "failed", code: "63016", started_at: at(1) });
    const { attempts } = (await room.api.get(path())).body;
    expect(attempts).toMatchObject([
      { step: 0, channel: "whatsapp", address: "+971501234567", state: "refused", code: "63016" },
      { step: 1, channel: "email", address: "huda@rimal.example", state: "taken" },
    ]);
    const few = room.api.as(await room.here.key({ permissions: ["dispatch_recipient.read"] }));
    expect((await few.get(path())).body.attempts).toMatchObject([
      { address: "+97150•••4567" },
      { address: "h•••@rimal.example" },
    ]);
  });

  test("404 above the caller's clearance", async () => {
    const { id } = await room.made({ audience: room.to(person), classification: "secret" });
    const [high] = await room.recipientsOf(id);
    const low = room.api.as(await room.here.key({ clearance: "internal" }));
    expect((await low.get(`/dispatch-recipients/${high?.id}`)).status).toBe(404);
    expect((await low.get(`/dispatch-recipients?dispatchId=${id}`)).body.items).toEqual([]);
  });
});

describe("dispatchRecipients.list", () => {
  test("200: in the order in which they were written down, by state, page by page", async () => {
    const people = [person, await room.here.person(), await room.here.person()];
    const { id } = await room.made({ audience: room.to(...people) });
    const first = (await room.api.get(`/dispatch-recipients?dispatchId=${id}&limit=2`)).body;
    const more = (await room.api.get(`/dispatch-recipients?dispatchId=${id}&limit=2&cursor=${first.nextCursor}`)).body;
    const found = [...first.items, ...more.items].map(({ personId }: Reply["body"]) => personId);
    expect(found).toEqual(people.map((one) => one.id).sort());
    expect((await room.api.get(`/dispatch-recipients?dispatchId=${id}&state=sent`)).body.items).toEqual([]);
  });
});

describe("dispatchRecipients.moves", () => {
  test("200: theirs to acknowledge, and nobody else's", async () => {
    const moves = async (api: RestClient) => (await api.get(`${path()}/moves`)).body.items;
    expect(await moves(mine)).toEqual([{ event: "acknowledge", to: "acknowledged", allowed: true, why: null }]);
    expect(await moves(room.api)).toMatchObject([{ allowed: false, why: "dispatch_recipient_foreign" }]);
    await acknowledge(mine);
    expect(await moves(mine)).toMatchObject([{ to: null, why: "dispatch_recipient_wrong_state" }]);
  });
});
