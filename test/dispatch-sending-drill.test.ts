import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { standIn } from "./support/courier.ts";
import { type DispatchHome, dispatchHome, recipientId, step } from "./support/dispatch-home.ts";

let home: DispatchHome;
beforeAll(async () => {
  home = await dispatchHome();
});
afterEach(() => home.rest());

const minute = 60_000;
const all = () => (["whatsapp", "sms", "email"] as const).map((channel) => standIn(channel, { now: home.clock.now }));

describe("a drill", () => {
  test("renders and records every channel, and hands nothing to anybody", async () => {
    const { here, api } = await home.at();
    const couriers = all();
    await home.send(couriers);
    const people = [await home.somebody(here), await home.somebody(here, { phone: null })];
    const { id } = await home.tell(api, people, { drill: true, escalateAfterMinutes: 1 });
    const rows = await home.states(id, "sent", "sent");
    const [first, second] = people.map(({ uuid }) => rows.find(({ person_id }) => person_id === uuid));
    const ledgerOf = async (row?: { id?: unknown }) =>
      (await home.ledger(id)).flatMap((one) => (one.recipient_id === row?.id ? [`${one.channel} ${one.state}`] : []));
    expect((await ledgerOf(first)).sort()).toEqual(["email rehearsed", "sms rehearsed", "whatsapp rehearsed"]);
    expect(await ledgerOf(second)).toEqual(["email rehearsed"]);
    expect(second?.state_reason).toBe("A drill: nothing was sent. whatsapp: no address; sms: no address");
    home.clock.pass(90 * minute);
    await home.until(async () => expect(await home.dispatch(id)).toMatchObject({ state: "finished" }));
    expect(couriers.flatMap(({ handed }) => handed)).toEqual([]);
  });

  test("escalates as well: who stands in is rehearsed, and takes nothing of the cap", async () => {
    const { here, api } = await home.at({ dailyMessages: 0 });
    await home.send(all());
    const [person, deputy] = [await home.somebody(here), await home.somebody(here)];
    await home.standsIn(here, person, deputy);
    const { id } = await home.tell(api, [person], { drill: true, escalateAfterMinutes: 5 });
    await home.states(id, "sent");
    home.clock.pass(6 * minute);
    const [, second] = await home.states(id, "sent", "sent");
    expect(second).toMatchObject({ person_id: deputy.uuid });
    await home.until(async () => expect(await home.dispatch(id)).toMatchObject({ state: "finished", reserved: 0 }));
  });
});

describe("dispatchRecipients.rehearsal", () => {
  test("200: channel by channel, but for what is the recipient's alone; no quiet hours delay it; 409 where it is no drill", async () => {
    const { here, api } = await home.at({ ceilings: { email: "confidential" } });
    await home.send(all());
    const person = await home.somebody(here);
    await home.wants(here, person, { quietHours: { from: "00:00", to: "23:59" } });
    const said = { drill: true, classification: "confidential" };
    const { id } = await home.tell(api, [person], said);
    const [row] = await home.states(id, "sent");
    expect(row?.state_reason).toMatch(/^A drill: nothing was sent. whatsapp: Quiet until 23:59/);
    const { status, body } = await api.get(`/dispatch-recipients/${recipientId(row)}/rehearsal`);
    expect({ status, body }).toMatchObject({
      ...{ status: 200, body: { dispatchId: id, classification: "confidential" } },
    });
    expect(body.items).toMatchObject([
      { step: 0, channel: "whatsapp", withheld: true, subject: null, withPaper: false },
      { step: 1, channel: "sms", withheld: true, subject: null },
      { step: 2, channel: "email", withheld: false, subject: expect.stringContaining("Storm") },
    ]);
    expect(body.items[0].text).toContain("Sign in to read it.");
    expect(body.items[2].text).toContain("/…?");
    expect(JSON.stringify(body)).not.toMatch(/\/r\/[^/]+\/[\w-]{40}/);
    const { id: real } = await home.tell(api, [person], { steps: [step("in_app")] });
    const [sent] = await home.states(real, "delivered");
    expect(await api.get(`/dispatch-recipients/${recipientId(sent)}/rehearsal`)).toMatchObject({
      ...{ status: 409, body: { code: "dispatch_recipient_no_drill" } },
    });
  });
});
