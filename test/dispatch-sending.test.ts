import { smtpCourier } from "@dais/adapters/smtp";
import { SMTPServer } from "smtp-server";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { fallback, retry, standIn } from "./support/courier.ts";
import { type DispatchHome, dispatchHome, recipientId, step } from "./support/dispatch-home.ts";

let home: DispatchHome;
beforeAll(async () => {
  home = await dispatchHome();
});
afterEach(() => home.rest());

const minute = 60_000;
const now = () => home.clock.now();
const all = (answers?: Parameters<typeof standIn>[1]) =>
  (["whatsapp", "sms", "email"] as const).map((channel) => standIn(channel, { now, ...answers }));
const deliveredBy = (one: { vendor: string; taken: { vendorId: string }[] }) =>
  home.told(one.vendor, {
    kind: "status",
    vendorId: one.taken.at(-1)?.vendorId as string,
    status: "delivered",
    code: null,
  });

describe("the ladder", () => {
  test("goes to the next channel where a step's goal doesn't come in time, and ends with the last", async () => {
    const { here, api } = await home.at();
    const [whatsapp, sms, email] = all() as [
      ReturnType<typeof standIn>,
      ReturnType<typeof standIn>,
      ReturnType<typeof standIn>,
    ];
    await home.send([whatsapp, sms, email]);
    const person = await home.somebody(here);
    const { id } = await home.tell(api, [person]);
    await home.states(id, "sent");
    expect(sms.handed).toEqual([]);
    home.clock.pass(11 * minute);
    await home.until(() => expect(sms.taken).toHaveLength(1));
    await home.states(id, "sent");
    home.clock.pass(11 * minute);
    await home.until(() => expect(email.taken).toHaveLength(1));
    await home.states(id, "sent");
    home.clock.pass(11 * minute);
    const [row] = await home.states(id, "expired");
    expect(row).toMatchObject({ next_at: null, step: 2, state_reason: "email: not delivered in time" });
    expect([whatsapp, sms, email].map(({ taken }) => taken.length)).toEqual([1, 1, 1]);
    expect(whatsapp.taken[0]?.to).toBe(person.phone);
    expect(email.taken[0]).toMatchObject({ to: person.email, message: { subject: "Storm" } });
    const moves = (await here.trail()).filter((entry) => entry.resource_id === row?.id).map(({ event }) => event);
    expect(moves).toEqual(["address", "begin", "hand", "fall", "begin", "hand", "fall", "begin", "hand", "expire"]);
    await home.until(async () => expect(await home.dispatch(id)).toMatchObject({ state: "finished" }));
  });

  test("stays where its goal was reached, whatever time goes by", async () => {
    const { here, api } = await home.at();
    const [whatsapp, sms, email] = all() as never as ReturnType<typeof standIn>[];
    await home.send([whatsapp, sms, email] as never);
    const { id } = await home.tell(api, [await home.somebody(here)]);
    await home.states(id, "sent");
    await deliveredBy(whatsapp as never);
    const [row] = await home.states(id, "delivered");
    expect(row).toMatchObject({ next_at: null, step: 0 });
    home.clock.pass(60 * minute);
    await home.until(async () => expect(await home.dispatch(id)).toMatchObject({ state: "finished" }));
    expect([sms?.handed, email?.handed]).toEqual([[], []]);
  });

  test("falls at once where a vendor refuses for good, and says with which code", async () => {
    const { here, api } = await home.at();
    const whatsapp = standIn("whatsapp", { now, answers: () => fallback("63016") });
    const sms = standIn("sms", { now });
    await home.send([whatsapp, sms]);
    const { id } = await home.tell(api, [await home.somebody(here)], {
      steps: [step("whatsapp"), step("sms", "sent")],
    });
    const [row] = await home.states(id, "sent");
    expect(row).toMatchObject({ step: 1, next_at: null });
    expect(await home.ledger(id)).toMatchObject([
      { channel: "whatsapp", state: "refused", code: "63016" },
      { channel: "sms", state: "taken", status: "sent" },
    ]);
  });

  test("tries the same channel again where a vendor asks for it, never before Retry-After, and five times at most where that took a quarter of an hour", async () => {
    const { here, api } = await home.at();
    const sms = standIn("sms", { now, answers: (_, n) => (n === 0 ? retry("429", 90_000) : retry("500")) });
    await home.send([sms]);
    const started = home.clock.now();
    const { id } = await home.tell(api, [await home.somebody(here)], { steps: [step("sms")] });
    await home.until(async () => expect((await home.recipients(id))[0]).toMatchObject({ state: "queued", tries: 1 }));
    const [row] = await home.recipients(id);
    expect(row?.next_at.getTime() - started.getTime()).toBeGreaterThanOrEqual(90_000);
    for (let n = 2; n <= 5; n += 1) {
      await home.until(async () =>
        expect((await home.recipients(id))[0]).toMatchObject({ state: "queued", tries: n - 1 }),
      );
      home.clock.pass(10 * minute);
      await home.until(() => expect(sms.handed).toHaveLength(n));
    }
    const [last] = await home.states(id, "failed");
    expect(last).toMatchObject({ tries: 5, state_reason: "sms: 500" });
    expect((sms.handed[1]?.at.getTime() as number) - (sms.handed[0]?.at.getTime() as number)).toBeGreaterThanOrEqual(
      90_000,
    );
    expect(new Set(sms.handed.map(({ key }) => key)).size).toBe(5);
  });

  test("tries the same channel for a quarter of an hour, or for as long as its own wait is", async () => {
    const { here, api } = await home.at();
    const sms = standIn("sms", { now, answers: () => retry("500") });
    await home.send([sms]);
    const minutes = (id: string) => async () => {
      const [first] = await home.ledger(id);
      return (home.clock.now().getTime() - first?.started_at.getTime()) / minute;
    };
    for (const waitMinutes of [1, 40]) {
      const { id } = await home.tell(api, [await home.somebody(here)], { steps: [step("sms", "sent", waitMinutes)] });
      await home.until(async () => expect(await home.ledger(id)).toHaveLength(1));
      await home.until(async () => {
        const [row] = await home.recipients(id);
        // Never while it is in somebody's hand: they would be out of time.
        if (row?.state === "queued" && row.next_at > home.clock.now()) home.clock.pass(minute / 2);
        expect(row?.state).toBe("failed");
      });
      expect(await minutes(id)()).toBeGreaterThanOrEqual(Math.max(15, waitMinutes));
      expect((await home.ledger(id)).length).toBeGreaterThan(5);
    }
  });

  test("passes over channels without an address, that nobody carries, not chosen, or opted out, and says why", async () => {
    const { here, api } = await home.at();
    const [whatsapp, sms, email] = all() as never as ReturnType<typeof standIn>[];
    await home.send([whatsapp, sms, email] as never);
    const noPhone = await home.somebody(here, { phone: null });
    const chooses = await home.somebody(here);
    const out = await home.somebody(here);
    const nothing = await home.somebody(here, { phone: null, email: null });
    await home.wants(here, chooses, { channels: { crisis: ["email"] } });
    await home.owner`insert into channel_opt_outs (id, tenant_id, channel, address, source, at)
      values (${crypto.randomUUID()}, ${here.tenantId}, 'whatsapp', ${out.phone}, 'reply', now())`;
    const { id } = await home.tell(api, [noPhone, chooses, out, nothing]);
    await home.until(async () => {
      const rows = await home.recipients(id);
      const of = (person: { uuid: string }) => rows.find((row) => row.person_id === person.uuid);
      expect(of(noPhone)).toMatchObject({ state: "sent", step: 2 });
      expect(of(chooses)).toMatchObject({ state: "sent", step: 2 });
      expect(of(out)).toMatchObject({ state: "sent", step: 1 });
      expect(of(nothing)).toMatchObject({
        state: "failed",
        state_reason: "No channel is left. whatsapp: no address; sms: no address; email: no address",
      });
    });
    const reasons = (await here.trail()).filter(({ event }) => event === "fall").map(({ reason }) => reason);
    expect(reasons.sort()).toEqual([
      "whatsapp: no address; sms: no address",
      "whatsapp: not chosen; sms: not chosen",
      "whatsapp: opted out",
    ]);
  });

  test("who left since, or lost their clearance, is told nothing", async () => {
    const { here, api } = await home.at();
    const [left, lowered] = [await home.somebody(here), await home.somebody(here)];
    const { id } = await home.tell(api, [left, lowered], { classification: "internal" });
    await home.owner`update people set disabled_at = now() where id = ${left.uuid}`;
    await home.owner`update people set clearance = 'public' where id = ${lowered.uuid}`;
    const whatsapp = standIn("whatsapp", { now });
    await home.send([whatsapp]);
    const rows = await home.states(id, "failed", "failed");
    expect(rows.map((row) => row.state_reason).sort()).toEqual([
      "Their clearance doesn't reach it any more.",
      "They have left since.",
    ]);
    expect(whatsapp.handed).toEqual([]);
  });

  test("what is in the app is there at once, and told", async () => {
    const { here, api } = await home.at();
    await home.send([]);
    const person = await home.somebody(here);
    const { id } = await home.tell(api, [person], { steps: [step("in_app", "read", 5)], classification: "secret" });
    await home.states(id, "delivered");
    const [told] = await home.owner`select * from notifications where person_id = ${person.uuid}`;
    expect(told).toMatchObject({ title: "Storm", classification: "secret", read_at: null });
    const events = await home.owner`select resource_id, payload from outbox
      where tenant_id = ${here.tenantId} and name = 'notification.created'`;
    expect(events).toMatchObject([{ resource_id: told?.id, payload: { personId: person.id } }]);
    home.clock.pass(6 * minute);
    await home.states(id, "expired");
  });

  test("above a channel's ceiling only that there is something to read is said", async () => {
    const { here, api } = await home.at({ ceilings: { email: "confidential" } });
    const [, sms, email] = all() as never as [never, ReturnType<typeof standIn>, ReturnType<typeof standIn>];
    await home.send([sms, email]);
    const person = await home.somebody(here);
    const steps = [step("sms", "delivered", 1), step("email", "sent")];
    const { id } = await home.tell(api, [person], { steps, classification: "confidential" });
    await home.states(id, "sent");
    home.clock.pass(2 * minute);
    await home.until(() => expect(email.taken).toHaveLength(1));
    expect(sms.taken[0]?.message.text).not.toContain("Storm");
    expect(sms.taken[0]?.message.text).toContain("Sign in to read it");
    expect(email.taken[0]?.message.text).toContain("Storm");
    expect(await home.ledger(id)).toMatchObject([{ withheld: true }, { withheld: false }]);
  });

  test("above WhatsApp's ceiling that is said by the text which it has approved for that", async () => {
    const approved = { en: `HX${"1".repeat(32)}`, ar: null };
    const { here, api } = await home.at({ withheldContentSids: approved });
    const [whatsapp] = all() as never as [ReturnType<typeof standIn>];
    await home.send([whatsapp]);
    const steps = [step("whatsapp", "sent")];
    const { id } = await home.tell(api, [await home.somebody(here)], { steps, classification: "confidential" });
    await home.states(id, "sent");
    const { template } = whatsapp.taken[0]?.message ?? { template: null };
    expect(template).toMatchObject({ contentSid: approved.en, variables: { organisation: expect.any(String) } });
    expect(Object.keys(template?.variables ?? {}).sort()).toEqual(["link", "organisation"]);
  });
});

describe("dispatchRecipients.acknowledge", () => {
  test("200: ends the rest of the ladder", async () => {
    const { here, api } = await home.at();
    const [whatsapp, sms] = all() as never as [ReturnType<typeof standIn>, ReturnType<typeof standIn>];
    await home.send([whatsapp, sms]);
    const person = await home.somebody(here);
    const steps = [step("whatsapp", "acknowledged"), step("sms", "acknowledged")];
    const { id } = await home.tell(api, [person], { steps });
    await home.states(id, "sent");
    await home.told(whatsapp.vendor, {
      kind: "reply",
      channel: "whatsapp",
      from: person.phone as string,
      text: " تم ",
      inReplyTo: null,
    });
    const [row] = await home.states(id, "acknowledged");
    expect(row).toMatchObject({ acknowledged_via: "reply", next_at: null, escalate_at: null });
    home.clock.pass(60 * minute);
    await home.until(async () => expect(await home.dispatch(id)).toMatchObject({ state: "finished" }));
    expect(sms.handed).toEqual([]);
  });

  test("200: nothing is handed over any more for who acknowledges while it waits in line", async () => {
    const { here, api } = await home.at();
    const held = Promise.withResolvers<void>();
    const sms = standIn("sms", { now, answers: (_, n) => (n === 0 ? { until: held.promise } : "takes") });
    await home.send([sms], { most: { atOnce: 1 } });
    const people = [await home.somebody(here), await home.somebody(here)];
    const { id } = await home.tell(api, people, { steps: [step("sms", "acknowledged")] });
    await home.until(async () => {
      expect(sms.handed).toHaveLength(1);
      expect((await home.ledger(id)).map(({ state }) => state)).toEqual(["handing", "handing"]);
    });
    const waits = (await home.recipients(id)).find(({ person_id }) =>
      people.some(({ uuid, phone }) => uuid === person_id && phone !== sms.handed[0]?.to),
    );
    await home.acknowledge(here, waits?.id as string);
    held.resolve();
    await home.until(async () => {
      const rows = await home.recipients(id);
      expect(rows.map(({ state }) => state).sort()).toEqual(["acknowledged", "sent"]);
      expect((await home.ledger(id)).map(({ state }) => state).sort()).toEqual(["absent", "taken"]);
    });
    expect(sms.handed).toHaveLength(1);
  });
});

describe("dispatches.stop", () => {
  test("200: nothing more is handed over, the rest is recalled, and what wasn't used is free again", async () => {
    const { here, api } = await home.at();
    const first = Promise.withResolvers<void>();
    const sms = standIn("sms", { now, answers: () => ({ until: first.promise }) });
    await home.send([sms], { most: { atOnce: 3 } });
    const people = await Promise.all(Array.from({ length: 12 }, () => home.somebody(here)));
    const { id } = await home.tell(api, people, { steps: [step("sms"), step("email")] });
    await home.until(() => expect(sms.handed).toHaveLength(3));
    const stopped = await api.post(`/dispatches/${id}/stop`, { reason: "The wrong chart." });
    expect(stopped.status).toBe(200);
    first.resolve();
    await home.until(async () => {
      const rows = await home.recipients(id);
      expect(rows.map(({ state }) => state).sort()).toEqual([...Array(9).fill("recalled"), ...Array(3).fill("sent")]);
      expect(rows.every(({ next_at }) => next_at === null)).toBe(true);
      expect((await home.dispatch(id))?.finished_at).not.toBe(null);
    });
    home.clock.pass(60 * minute);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(sms.handed).toHaveLength(3);
    const [day] = await home.owner`select * from dispatch_days where tenant_id = ${here.tenantId}`;
    expect(day?.reserved).toBe(3);
  });
});

/** A mail server that says nothing about recipients before it is let, and a courier with three connections to it. */
async function slowMail() {
  const answer = Promise.withResolvers<void>();
  const begun: string[] = [];
  const taken: string[] = [];
  const server = new SMTPServer({
    ...{ authOptional: true, disabledCommands: ["STARTTLS", "AUTH"], logger: false, closeTimeout: 100 },
    onRcptTo: ({ address }, _session, done) => {
      begun.push(address);
      void answer.promise.then(() => done());
    },
    onData: (stream, { envelope }, done) =>
      void stream.resume().on("end", () => {
        taken.push(...envelope.rcptTo.map(({ address }) => address));
        done(null);
      }),
  });
  server.on("error", () => {});
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.server.address() as { port: number };
  const courier = smtpCourier({
    ...{ host: "127.0.0.1", port, security: "none", auth: null, from: "Dais <dais@example.org>", replyTo: null },
    connections: 3,
  });
  const close = async () => {
    answer.resolve();
    await home.rest();
    await courier.close();
    await new Promise<void>((done) => server.close(() => done()));
  };
  return { courier, begun, taken, answers: () => answer.resolve(), close };
}

describe("dispatches.stop, while a mail server takes its time", () => {
  test("200: neither who waited for a connection is handed anything, nor whose message it hadn't asked for", async () => {
    const mail = await slowMail();
    try {
      const { here, api } = await home.at();
      await home.crowd(here, 30);
      await home.send([mail]);
      const audience = { entityIds: [here.entities.company] };
      const { id } = await home.tell(api, [], { steps: [step("email", "sent")], audience });
      await home.until(async () => {
        expect(mail.begun).toHaveLength(3);
        expect(await home.ledger(id)).toHaveLength(30);
      });
      expect((await api.post(`/dispatches/${id}/stop`, {})).status).toBe(200);
      home.clock.pass(1500);
      mail.answers();
      await home.until(async () => {
        const rows = await home.recipients(id);
        expect(rows.map(({ state }) => state)).toEqual(Array(30).fill("recalled"));
      });
      expect([mail.begun.length, mail.taken]).toEqual([3, []]);
      const codes = (await home.ledger(id)).map(({ state, code }) => `${state} ${code}`);
      expect(new Set(codes)).toEqual(new Set(["absent called_off"]));
    } finally {
      await mail.close();
    }
  });

  test("200: nor is who has acknowledged meanwhile", async () => {
    const mail = await slowMail();
    try {
      const { here, api } = await home.at();
      await home.send([mail]);
      const [one, other] = [await home.somebody(here), await home.somebody(here)];
      const { id } = await home.tell(api, [one, other], { steps: [step("email", "sent")] });
      await home.until(() => expect(mail.begun).toHaveLength(2));
      const rows = await home.recipients(id);
      const hers = rows.find((row) => row.person_id === one.uuid);
      await home.acknowledge(here, hers?.id as string);
      home.clock.pass(1500);
      mail.answers();
      await home.until(async () => {
        const after = await home.recipients(id);
        expect(after.map(({ state }) => state).sort()).toEqual(["acknowledged", "sent"]);
      });
      expect(mail.taken).toEqual([other.email]);
    } finally {
      await mail.close();
    }
  });
});

describe("the end of a dispatch", () => {
  test("comes when nothing more will, and gives back what it didn't use of the day's cap", async () => {
    const { here, api } = await home.at();
    const [whatsapp, sms, email] = all() as never as ReturnType<typeof standIn>[];
    await home.send([whatsapp, sms, email] as never);
    const { id } = await home.tell(api, [await home.somebody(here)]);
    const reserved = async () =>
      (await home.owner`select * from dispatch_days where tenant_id = ${here.tenantId}`)[0]?.reserved;
    expect(await reserved()).toBe(3);
    await home.states(id, "sent");
    expect(await home.dispatch(id)).toMatchObject({ state: "running" });
    await deliveredBy(whatsapp as never);
    await home.until(async () => expect(await home.dispatch(id)).toMatchObject({ state: "finished" }));
    expect(await reserved()).toBe(1);
    expect((await home.dispatch(id))?.finished_at).not.toBe(null);
  });
});

describe("escalation", () => {
  test("tells the deputy of that day, once, from the ladder's beginning", async () => {
    const { here, api } = await home.at();
    const [whatsapp, sms, email] = all() as never as ReturnType<typeof standIn>[];
    await home.send([whatsapp, sms, email] as never);
    const [person, deputy, other] = [await home.somebody(here), await home.somebody(here), await home.somebody(here)];
    await home.standsIn(here, person, deputy);
    await home.owner`insert into deputies (tenant_id, person_id, deputy_id, from_day, to_day) values
      (${here.tenantId}, ${person.uuid}, ${other.uuid}, current_date - 400, current_date - 300)`;
    const { id } = await home.tell(api, [person], {
      escalateAfterMinutes: 30,
      steps: [step("whatsapp", "acknowledged", 600)],
    });
    await home.states(id, "sent");
    home.clock.pass(31 * minute);
    const [first, second] = await home.states(id, "sent", "sent");
    expect(second).toMatchObject({ person_id: deputy.uuid, for_id: first?.id, step: 0, escalate_at: null });
    expect(whatsapp?.taken.map(({ to }) => to)).toEqual([person.phone, deputy.phone]);
    home.clock.pass(90 * minute);
    await home.until(async () => expect((await home.recipients(id))[0]?.escalate_at).toBe(null));
    expect(await home.recipients(id)).toHaveLength(2);
  });

  test("of somebody who speaks neither language of their own is in the organisation's first", async () => {
    const { here, api } = await home.at();
    const [whatsapp] = all() as never as ReturnType<typeof standIn>[];
    await home.send([whatsapp] as never);
    const [person, deputy] = [await home.somebody(here), await home.somebody(here)];
    await home.owner`update organisations set settings = settings || ${home.owner.json({ languages: ["ar", "en"] })} where id = ${here.tenantId}`;
    await home.owner`update people set language = null where id = ${deputy.uuid}`;
    await home.standsIn(here, person, deputy);
    const { id } = await home.tell(api, [person], {
      escalateAfterMinutes: 30,
      steps: [step("whatsapp", "acknowledged", 600)],
    });
    await home.states(id, "sent");
    home.clock.pass(31 * minute);
    const rows = await home.states(id, "sent", "sent");
    expect(rows.map(({ language }) => language)).toEqual(["en", "ar"]);
  });

  test("takes the deputy's messages from the day's cap, and tells nobody where it has no room", async () => {
    const { here, api } = await home.at({ dailyMessages: 3 });
    const [whatsapp] = all() as never as ReturnType<typeof standIn>[];
    await home.send([whatsapp] as never);
    const people = [await home.somebody(here), await home.somebody(here)] as const;
    const deputies = [await home.somebody(here), await home.somebody(here)] as const;
    for (const n of [0, 1] as const) await home.standsIn(here, people[n], deputies[n]);
    const steps = [step("whatsapp", "acknowledged", 600)];
    const { id } = await home.tell(api, people, { escalateAfterMinutes: 30, steps });
    await home.states(id, "sent", "sent");
    home.clock.pass(31 * minute);
    const rows = await home.states(id, "sent", "sent", "sent");
    const [told] = rows.filter(({ for_id }) => for_id !== null);
    const untold = rows.find((row) => row.for_id === null && row.id !== told?.for_id);
    await home.until(async () =>
      expect((await here.trail(untold?.id as string)).at(-1)).toMatchObject({
        reason: "The day's cap has no room for whoever stands in for them.",
        changed: false,
      }),
    );
    const day = async () =>
      (await home.owner`select reserved from dispatch_days where tenant_id = ${here.tenantId}`)[0];
    expect([(await day())?.reserved, (await home.dispatch(id))?.reserved]).toEqual([3, 3]);
    expect(whatsapp?.taken).toHaveLength(3);
    for (const row of rows) await home.acknowledge(here, row.id as string);
    await home.until(async () => expect(await home.dispatch(id)).toMatchObject({ state: "finished", reserved: 3 }));
    expect((await day())?.reserved).toBe(3);
  });

  test("nobody stands in: that is on record, and nobody else is told", async () => {
    const { here, api } = await home.at();
    const [whatsapp] = all() as never as ReturnType<typeof standIn>[];
    await home.send([whatsapp] as never);
    const { id } = await home.tell(api, [await home.somebody(here)], {
      escalateAfterMinutes: 5,
      steps: [step("whatsapp", "sent")],
    });
    const [row] = await home.states(id, "sent");
    home.clock.pass(6 * minute);
    await home.until(async () =>
      expect((await here.trail(row?.id as string)).at(-1)).toMatchObject({
        reason: "Nobody stands in for them.",
        changed: false,
      }),
    );
    expect(recipientId(row)).toMatch(/^dre_/);
    expect(await home.recipients(id)).toHaveLength(1);
  });
});
