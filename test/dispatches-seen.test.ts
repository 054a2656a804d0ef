import { consumers } from "@dais/modules";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { standIn } from "./support/courier.ts";
import { type DispatchHome, dispatchHome, recipientId, step } from "./support/dispatch-home.ts";
import { restClient } from "./support/rest.ts";

let home: DispatchHome;
beforeAll(async () => {
  home = await dispatchHome();
});
afterEach(() => home.rest());

const minute = 60_000;
const now = () => home.clock.now();

/** Somebody who is told in the app, and then by SMS. */
async function told(waits = 5) {
  const { here, api } = await home.at();
  const sms = standIn("sms", { now });
  await home.send([sms], {}, consumers);
  const person = await home.somebody(here);
  const steps = [step("in_app", "read", waits), step("sms", "read", 60)];
  const { id } = await home.tell(api, [person], { steps });
  const own = restClient(home.server.url, await person.session());
  const [recipient] = await home.states(id, "delivered");
  const read = async () => {
    const [{ id: notification }] = (await own.get("/notifications")).body.items;
    return own.post(`/notifications/${notification}/read`, {});
  };
  return { here, api, id, sms, person, recipient, read };
}

describe("notifications.read", () => {
  test("moves its recipient to read: the ladder ends there, and says for whom", async () => {
    const { here, api, id, sms, person, recipient, read } = await told();
    expect(await read()).toMatchObject({ status: 200, body: { changed: true } });
    await home.states(id, "read");
    const shown = await api.get(`/dispatch-recipients/${recipientId(recipient)}`);
    expect(shown.body).toMatchObject({
      nextAt: null,
      attempts: [{ channel: "in_app", state: "taken", status: "read" }],
    });
    home.clock.pass(6 * minute);
    await home.until(async () => expect(await home.dispatch(id)).toMatchObject({ state: "finished" }));
    expect(sms.handed).toEqual([]);
    const trail = await here.trail(recipient?.id as string);
    expect(trail.at(-1)).toMatchObject({ event: "see", actor_kind: "system", on_behalf_of: person.id });
  });

  test("counts also where the next channel is under way already", async () => {
    const { id, sms, read } = await told(1);
    home.clock.pass(2 * minute);
    await home.until(async () => expect((await home.ledger(id))[1]).toMatchObject({ state: "taken" }));
    await home.states(id, "delivered");
    expect(sms.taken).toHaveLength(1);
    await read();
    expect((await home.states(id, "read"))[0]).toMatchObject({ step: 1, next_at: null });
    expect(await home.ledger(id)).toMatchObject([{ status: "read" }, { channel: "sms", status: "sent" }]);
  });

  test("says nothing new where it was read before, or acknowledged", async () => {
    const { here, id, recipient, read } = await told();
    await home.acknowledge(here, recipient?.id as string);
    await read();
    expect(await read()).toMatchObject({ status: 200, body: { changed: false } });
    await home.until(async () => expect((await home.ledger(id))[0]).toMatchObject({ status: "read" }));
    expect((await home.recipients(id))[0]?.state).toBe("acknowledged");
  });

  test("ends the ladder also of whoever waits for the end of quiet hours before the next channel", async () => {
    const { id, sms, person, read } = await told(1);
    const clock = (minutes: number) => new Date(now().getTime() + minutes * minute).toISOString().slice(11, 16);
    const hours = { from: clock(-60), to: clock(60) };
    await home.owner`insert into contact_preferences (tenant_id, person_id, channels, quiet_hours, created_at, updated_at)
      select tenant_id, id, '{}', ${home.owner.json(hours)}, now(), now() from people where id = ${person.uuid}`;
    await home.owner`update people set time_zone = 'Etc/UTC' where id = ${person.uuid}`;
    home.clock.pass(2 * minute);
    await home.until(async () => {
      const [waiting] = await home.recipients(id);
      expect(waiting).toMatchObject({ state: "queued", step: 1 });
      expect(Number(waiting?.next_at)).toBeGreaterThan(now().getTime() + 50 * minute);
    });
    await read();
    expect((await home.states(id, "read"))[0]).toMatchObject({ next_at: null });
    home.clock.pass(61 * minute);
    await home.until(async () => expect(await home.dispatch(id)).toMatchObject({ state: "finished" }));
    expect(sms.handed).toEqual([]);
  });
});
