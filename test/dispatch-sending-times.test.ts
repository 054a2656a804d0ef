import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import { consumers } from "@dais/modules";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { limited, standIn } from "./support/courier.ts";
import { type DispatchHome, dispatchHome, step } from "./support/dispatch-home.ts";
import type { Place } from "./support/place.ts";
import { restClient } from "./support/rest.ts";

let home: DispatchHome;
beforeAll(async () => {
  home = await dispatchHome();
});
afterEach(() => home.rest());

const now = () => home.clock.now();

/** Somebody who wants to be left alone from 22:00 to 06:00, in their own zone. */
async function sleeper(here: Place, zone: string) {
  const person = await home.somebody(here, { zone });
  const hours = { from: "22:00", to: "06:00" };
  await home.wants(here, person, { quietHours: hours });
  return person;
}

describe("quiet hours", () => {
  test("hold back whoever sleeps where they are, until their morning, and nobody else", async () => {
    home.clock.set("2026-12-01T20:30:00Z"); // half past midnight in Dubai, afternoon in New York, early morning in Tokyo
    const { here, api } = await home.at();
    const sms = standIn("sms", { now });
    await home.send([sms]);
    const [dubai, newYork, tokyo] = [
      await sleeper(here, "Asia/Dubai"),
      await sleeper(here, "America/New_York"),
      await sleeper(here, "Asia/Tokyo"),
    ];
    const { id } = await home.tell(api, [dubai, newYork, tokyo], { steps: [step("sms", "sent")] });
    const of = async (person: { uuid: string }) =>
      (await home.recipients(id)).find(({ person_id }) => person_id === person.uuid);
    await home.until(async () => {
      expect(await of(newYork)).toMatchObject({ state: "sent" });
      expect(await of(dubai)).toMatchObject({ state: "queued", next_at: new Date("2026-12-02T02:00:00Z") });
      expect(await of(tokyo)).toMatchObject({ state: "queued", next_at: new Date("2026-12-01T21:00:00Z") });
    });
    home.clock.set("2026-12-01T21:00:01Z");
    await home.until(async () => expect(await of(tokyo)).toMatchObject({ state: "sent" }));
    expect(await of(dubai)).toMatchObject({ state: "queued" });
    home.clock.set("2026-12-02T02:00:01Z");
    await home.until(async () => expect(await of(dubai)).toMatchObject({ state: "sent" }));
    expect(sms.taken.map(({ to }) => to)).toEqual([newYork.phone, tokyo.phone, dubai.phone]);
  });

  test("end at the level of posture that the organisation says, and the attempt names the change because of which", async () => {
    home.clock.set("2026-12-03T20:30:00Z");
    const { here, api } = await home.at({ quietEndsAt: "crisis" });
    await home.owner`insert into posture_levels (tenant_id, key, rank, name, criteria) values
      (${here.tenantId}, 'calm', 0, ${home.owner.json({ en: "Calm", ar: null })}, ${home.owner.json({ en: "", ar: null })}),
      (${here.tenantId}, 'crisis', 1, ${home.owner.json({ en: "Crisis", ar: null })}, ${home.owner.json({ en: "", ar: null })})`;
    await home.posture(here, "calm", 0);
    const sms = standIn("sms", { now });
    await home.send([sms]);
    const person = await sleeper(here, "Asia/Dubai");
    const steps = [step("sms", "sent")];
    const calm = await home.tell(api, [person], { steps });
    await home.until(async () =>
      expect((await home.recipients(calm.id))[0]?.next_at).toEqual(new Date("2026-12-04T02:00:00Z")),
    );
    home.clock.pass(1000);
    const change = await home.posture(here, "crisis", 1);
    const crisis = await home.tell(api, [person], { steps });
    await home.states(crisis.id, "sent");
    expect(await home.ledger(crisis.id)).toMatchObject([{ overrode: change }]);
    const [recipient] = await home.recipients(crisis.id);
    const shown = await api.get(`/dispatch-recipients/${idOf("dre", recipient?.id)}`);
    expect(shown.body.attempts).toMatchObject([{ channel: "sms", overrode: idOf("pos", change) }]);
  });

  test("as do the channels that somebody has chosen; what they opted out of stays so", async () => {
    home.clock.set("2026-12-03T08:30:00Z");
    const { here, api } = await home.at({ quietEndsAt: "high" });
    const [sms, email] = (["sms", "email"] as const).map((channel) => standIn(channel, { now }));
    await home.send([sms, email] as never);
    const [nothing, out] = [await home.somebody(here), await home.somebody(here)];
    for (const person of [nothing, out]) await home.wants(here, person, { channels: { crisis: [] } });
    await home.owner`insert into channel_opt_outs (id, tenant_id, channel, address, source, at)
      values (${crypto.randomUUID()}, ${here.tenantId}, 'sms', ${out.phone}, 'reply', now())`;
    const steps = [step("sms", "sent"), step("email", "sent")];
    const before = await home.tell(api, [nothing], { steps });
    const [none] = await home.states(before.id, "failed");
    expect(none?.state_reason).toBe("No channel is left. sms: not chosen; email: not chosen");
    const change = await home.posture(here, "high", 2);
    const { id } = await home.tell(api, [nothing, out], { steps });
    await home.states(id, "sent", "sent");
    const ledger = (await home.ledger(id)).map(({ channel, overrode, address }) => ({ channel, overrode, address }));
    expect(ledger).toHaveLength(2);
    expect(ledger).toEqual(
      expect.arrayContaining([
        { channel: "sms", overrode: change, address: nothing.phone },
        { channel: "email", overrode: change, address: out.email },
      ]),
    );
  });

  test("end also for whoever waits for their morning when the posture rises, and are on record until then", async () => {
    home.clock.set("2026-12-04T20:30:00Z");
    const { here, api } = await home.at({ quietEndsAt: "high" });
    const sms = standIn("sms", { now });
    await home.send([sms], {}, consumers);
    const one = await sleeper(here, "Asia/Dubai");
    const other = await sleeper(here, "Asia/Dubai");
    await home.owner`update people set email = null where id = ${other.uuid}`;
    const kept = await home.tell(api, [one], { steps: [step("sms", "sent")] });
    const fallen = await home.tell(api, [other], { steps: [step("email", "sent"), step("sms", "sent")] });
    const stopped = await home.tell(api, [one], { steps: [step("sms", "sent")] });
    const reasons = async () =>
      (await Promise.all([kept, fallen].map(({ id }) => home.recipients(id)))).map(([row]) => row?.state_reason);
    const why = "Quiet until 06:00 (Asia/Dubai).";
    await home.until(async () => expect(await reasons()).toEqual([why, `email: no address. ${why}`]));
    await home.until(async () => expect((await home.recipients(stopped.id))[0]?.state_reason).toBe(why));
    const [recipient] = await home.recipients(kept.id);
    const shown = await api.get(`/dispatch-recipients/${idOf("dre", recipient?.id)}`);
    expect(shown.body).toMatchObject({ state: "queued", stateReason: why });
    await api.post(`/dispatches/${stopped.id}/stop`, { reason: "It is over." });

    const rise = async (level: string) => {
      const change = await api.post("/posture/changes", { level, reason: "Water in the yard." });
      expect(change).toMatchObject({ status: 201 });
      const chief = await here.person({ roles: ["executive", "approver"] });
      const session = await chief.session({ proven: true, openedAt: now().getTime() });
      const by = restClient(home.server.url, session);
      const done = await by.post(`/posture/changes/${change.body.id}/confirm`, {
        version: 1,
        reason: "Water in the yard.",
      });
      expect(done).toMatchObject({ status: 200, body: { state: "confirmed" } });
      return uuidOf(change.body.id);
    };
    await rise("elevated");
    home.clock.pass(1000);
    const change = await rise("high");
    for (const { id } of [kept, fallen]) {
      await home.states(id, "sent");
      expect(await home.ledger(id)).toMatchObject([{ channel: "sms", overrode: change }]);
    }
    expect(await home.ledger(stopped.id)).toEqual([]);
    expect(await reasons()).toEqual([null, null]);
  });

  test("disturb nobody in the app: what is read there is there at once", async () => {
    home.clock.set("2026-12-05T20:30:00Z");
    const { here, api } = await home.at();
    await home.send([]);
    const { id } = await home.tell(api, [await sleeper(here, "Asia/Dubai")], { steps: [step("in_app", "delivered")] });
    await home.states(id, "delivered");
  });
});

describe("many at once", () => {
  test("what is urgent goes before what was there, and organisations are served in turn", async () => {
    const sms = standIn("sms", { now });
    const [first, second] = [await home.at(), await home.at()];
    await home.crowd(first.here, 180);
    await home.crowd(second.here, 60, 500_000);
    const steps = [step("sms", "sent")];
    const everybody = (here: Place) => ({ audience: { entityIds: [here.entities.company] } });
    await home.tell(first.api, [], { steps, ...everybody(first.here) });
    await home.tell(second.api, [], { steps, ...everybody(second.here) });
    const boss = await home.somebody(first.here);
    await home.tell(first.api, [boss], { steps, priority: "urgent" });
    await home.send([sms], { most: { atOnce: 2, normal: 40, urgent: 60 } });
    await home.until(() => expect(sms.taken).toHaveLength(241));
    const at = (to: string | null) => sms.taken.findIndex((one) => one.to === to);
    expect(at(boss.phone)).toBeLessThan(60);
    // The smaller one's last came long before the larger one's.
    const lastOf = (prefix: string) => sms.taken.findLastIndex(({ to }) => to.startsWith(prefix));
    expect(lastOf("+971500500")).toBeLessThan(lastOf("+971500000"));
    expect(new Set(sms.taken.map(({ to }) => to)).size).toBe(241);
  });

  test("a vendor that takes five a second is sent no more, and in the end everybody is sent to", async () => {
    const { here, api } = await home.at();
    await home.crowd(here, 60);
    let bucket = 5;
    let filled = now().getTime();
    const sms = standIn("sms", {
      now,
      answers: () => {
        bucket = Math.min(5, bucket + ((now().getTime() - filled) / 1000) * 5);
        filled = now().getTime();
        if (bucket < 1) return limited("20429");
        bucket -= 1;
        return "takes";
      },
    });
    await home.send([sms]);
    const { id } = await home.tell(api, [], {
      ...{ steps: [step("sms", "sent")], audience: { entityIds: [here.entities.company] } },
    });
    await home.until(async () => {
      home.clock.pass(100);
      expect(await home.dispatch(id)).toMatchObject({ state: "finished" });
    });
    const rows = await home.recipients(id);
    expect([rows.length, new Set(rows.map(({ state }) => state))]).toEqual([60, new Set(["sent"])]);
    expect(rows.every(({ tries }) => tries === 1)).toBe(true);
    expect(sms.handed.length).toBeGreaterThan(60);
  });

  test("a vendor that says when to come back is left alone until then, by those who haven't begun as well", async () => {
    const { here, api } = await home.at();
    const sms = standIn("sms", { now, answers: (_, n) => (n === 0 ? limited("429", 60_000) : "takes") });
    const email = standIn("email", { now });
    await home.send([sms, email]);
    const steps = [step("sms", "sent")];
    const first = await home.tell(api, [await home.somebody(here)], { steps });
    await home.until(() => expect(sms.handed).toHaveLength(1));
    await home.states(first.id, "queued");
    const second = await home.tell(api, [await home.somebody(here)], { steps });
    const other = await home.tell(api, [await home.somebody(here)], { steps: [step("email", "sent")] });
    await home.states(other.id, "sent");
    expect(await home.ledger(second.id)).toEqual([]);
    home.clock.pass(90_000);
    await home.states(second.id, "sent");
    await home.states(first.id, "sent");
    const [refused, ...taken] = sms.handed;
    for (const { at } of taken) expect(at.getTime() - (refused?.at.getTime() as number)).toBeGreaterThanOrEqual(60_000);
  });

  test("two workers send each message once", async () => {
    const { here, api } = await home.at();
    await home.crowd(here, 150);
    const sides = [standIn("sms", { now }), standIn("sms", { now })];
    for (const side of sides) await home.send([side]);
    const { id } = await home.tell(api, [], {
      ...{ steps: [step("sms", "sent")], audience: { entityIds: [here.entities.company] } },
    });
    await home.until(async () => expect(await home.dispatch(id)).toMatchObject({ state: "finished" }));
    const all = sides.flatMap(({ taken }) => taken.map(({ to }) => to));
    expect([all.length, new Set(all).size]).toEqual([150, 150]);
  });

  test("a channel that hangs holds up itself, and no other", async () => {
    const { here, api } = await home.at();
    await home.crowd(here, 100);
    const never = Promise.withResolvers<void>();
    const sms = standIn("sms", { now, answers: () => ({ until: never.promise }) });
    const email = standIn("email", { now });
    await home.send([sms, email], { most: { atOnce: 2, normal: 60 } });
    const audience = { entityIds: [here.entities.company] };
    await home.tell(api, [], { steps: [step("sms", "sent")], audience });
    await home.until(() => expect(sms.handed).toHaveLength(2));
    await home.tell(api, [], { steps: [step("email", "sent")], audience });
    await home.until(() => expect(email.taken).toHaveLength(100));
    expect(sms.handed).toHaveLength(2);
    never.resolve();
  });
});
