import { consequenceOf } from "@dais/adapters/twilio/codes";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { refused, retry, type StandIn, standIn } from "./support/courier.ts";
import { type DispatchHome, dispatchHome, step } from "./support/dispatch-home.ts";

let home: DispatchHome;
beforeAll(async () => {
  home = await dispatchHome();
});
afterEach(() => home.rest());

const second = 1000;
const minute = 60 * second;
const now = () => home.clock.now();
const status = (of: { vendorId?: string } | undefined, is: string, more: object = {}) =>
  ({ kind: "status", vendorId: of?.vendorId, status: is, code: null, ...more }) as never;

/** The names of an organisation's events, in their order. */
const toldOf = async ({ tenantId }: { tenantId: string }, names: string) => {
  const rows =
    await home.owner`select name from outbox where tenant_id = ${tenantId} and name like ${names} order by seq`;
  return rows.map(({ name }) => name);
};

/** Has one person told over SMS, and then by mail. */
async function tellOne(sms: StandIn, more: object = {}) {
  const { here, api } = await home.at();
  const email = standIn("email", { now });
  await home.send([sms, email]);
  const person = await home.somebody(here);
  const { id } = await home.tell(api, [person], { steps: [step("sms", "sent"), step("email", "sent")], ...more });
  const attempts = async () =>
    (await home.ledger(id)).map(({ channel, state, code }) => `${channel} ${state}${code ? ` ${code}` : ""}`);
  return { here, api, email, person, id, attempts };
}

describe("an answer that was lost", () => {
  test("is asked for, and what the vendor took counts as sent: once", async () => {
    const sms = standIn("sms", { now, answers: () => "lost after" });
    const { id, attempts, email } = await tellOne(sms);
    await home.until(async () => expect(await attempts()).toEqual(["sms unknown timeout"]));
    await home.states(id, "sending");
    home.clock.pass(10 * second);
    await home.states(id, "sent");
    expect(await attempts()).toEqual(["sms taken"]);
    expect(sms.taken).toHaveLength(1);
    expect(email.handed).toEqual([]);
  });

  test("what never arrived is believed after some time only, and goes on over the next channel", async () => {
    const sms = standIn("sms", { now, answers: () => "lost before" });
    const { id, attempts, email } = await tellOne(sms);
    await home.until(async () => expect(await attempts()).toEqual(["sms unknown timeout"]));
    home.clock.pass(10 * second);
    await home.until(() => expect(sms.asked).toHaveLength(1));
    await home.states(id, "sending");
    for (let n = 2; n <= 3; n += 1) {
      await home.until(async () => expect((await home.ledger(id))[0]?.asks).toBe(n - 1));
      await home.until(async () => {
        home.clock.pass(10 * second);
        expect(sms.asked).toHaveLength(n);
      });
    }
    await home.states(id, "sent");
    expect(await attempts()).toEqual(["sms absent absent", "email taken"]);
    expect([sms.handed.length, email.taken.length]).toEqual([1, 1]);
  });

  test("where the vendor can't tell, it is never sent there again: over another channel, or undetermined at the end", async () => {
    const sms = standIn("sms", { now, answers: () => "lost after", finds: () => "untold" });
    const { id, attempts, api, here } = await tellOne(sms);
    await home.until(async () => expect(await attempts()).toEqual(["sms unknown timeout"]));
    home.clock.pass(10 * second);
    await home.states(id, "sent");
    expect(await attempts()).toEqual(["sms undetermined untold", "email taken"]);
    const last = await home.tell(api, [await home.somebody(here)], { steps: [step("sms", "sent")] });
    await home.states(last.id, "sending");
    await home.until(async () => expect(await home.ledger(last.id)).toMatchObject([{ state: "unknown" }]));
    home.clock.pass(10 * second);
    await home.states(last.id, "undetermined");
    home.clock.pass(24 * 60 * minute);
    await home.until(async () => expect(await home.dispatch(last.id)).toMatchObject({ state: "finished" }));
    expect(sms.handed).toHaveLength(2);
  });

  test("who is undetermined and tells later that it came is delivered", async () => {
    const sms = standIn("sms", { now, answers: () => "lost after", finds: (_, n) => (n === 0 ? "away" : "found") });
    const { id } = await tellOne(sms, { steps: [step("sms", "delivered")] });
    await home.until(async () => expect(await home.ledger(id)).toMatchObject([{ state: "unknown" }]));
    home.clock.pass(10 * second);
    await home.until(() => expect(sms.asked).toHaveLength(1));
    await home.told(sms.vendor, status(sms.taken[0], "delivered"));
    await home.until(async () => {
      home.clock.pass(10 * second);
      expect((await home.recipients(id))[0]?.state).toBe("delivered");
    });
    expect(sms.taken).toHaveLength(1);
  });

  test("a vendor who honours keys is handed the same again, and sends it once", async () => {
    const sms = standIn("sms", { now, honoursKeys: true, answers: () => "lost after" });
    const { id } = await tellOne(sms);
    await home.until(async () => expect(await home.ledger(id)).toMatchObject([{ state: "unknown" }]));
    home.clock.pass(10 * second);
    await home.states(id, "sent");
    expect(sms.taken).toHaveLength(1);
  });

  test("after a stop nobody is asked in a way that would send", async () => {
    const sms = standIn("sms", { now, honoursKeys: true, answers: () => "lost before" });
    const { id, api } = await tellOne(sms);
    await home.until(async () => expect(await home.ledger(id)).toMatchObject([{ state: "unknown" }]));
    expect((await api.post(`/dispatches/${id}/stop`, {})).status).toBe(200);
    home.clock.pass(10 * second);
    await home.states(id, "undetermined");
    expect([sms.asked, sms.taken]).toEqual([[], []]);
  });
});

describe("an answer that doesn't say to what it is", () => {
  const ok = (from: string, more: object = {}) =>
    ({ kind: "reply", channel: "sms", from, text: "OK", inReplyTo: null, ...more }) as never;
  const toldBy = (from: string) =>
    home.owner`select outcome, told from courier_callbacks where told ->> 'from' = ${from} order by received_at, id`;
  const steps = [step("sms", "acknowledged")];

  test("is to what is on its way as well, and to nothing older than seven days", async () => {
    const answer = Promise.withResolvers<void>();
    const sms = standIn("sms", { now, answers: () => ({ until: answer.promise }) });
    const { here, api } = await home.at();
    await home.send([sms]);
    const [one, other] = [await home.somebody(here), await home.somebody(here)];
    const { id } = await home.tell(api, [one], { steps });
    await home.until(() => expect(sms.handed).toHaveLength(1));
    await home.told(sms.vendor, ok(one.phone as string));
    await home.states(id, "acknowledged");
    answer.resolve();
    const old = await home.tell(api, [other], { steps });
    await home.states(old.id, "sent");
    await home.rest();
    home.clock.pass(7 * 24 * 60 * minute + minute);
    await home.send([sms]);
    await home.told(sms.vendor, ok(other.phone as string));
    home.clock.pass(11 * minute);
    await home.until(async () => expect(await toldBy(other.phone as string)).toMatchObject([{ outcome: "unknown" }]));
    expect((await home.recipients(old.id))[0]?.acknowledged_at).toBe(null);
  });

  test("acknowledges nothing where two organisations wrote to that number, unless it says to which message it is", async () => {
    const sms = standIn("sms", { now });
    const [first, second] = [await home.at(), await home.at()];
    await home.send([sms]);
    const one = await home.somebody(first.here);
    const same = await home.somebody(second.here, { phone: one.phone });
    const a = await home.tell(first.api, [one], { steps });
    await home.states(a.id, "sent");
    const b = await home.tell(second.api, [same], { steps });
    await home.states(b.id, "sent");
    const from = one.phone as string;
    await home.told(sms.vendor, ok(from));
    await home.until(async () => expect(await toldBy(from)).toMatchObject([{ outcome: "ambiguous" }]));
    await home.told(sms.vendor, ok(from, { inReplyTo: sms.taken[0]?.vendorId }));
    await home.states(a.id, "acknowledged");
    await home.states(b.id, "sent");
  });

  test("is not brought in again once it was pruned: only its digest is left, for 400 days", async () => {
    const sms = standIn("sms", { now });
    const { here, api } = await home.at();
    await home.send([sms]);
    const person = await home.somebody(here);
    const from = person.phone as string;
    const { id } = await home.tell(api, [person], { steps });
    await home.states(id, "sent");
    const digest = crypto.randomUUID();
    const kept = () => home.owner`select told from courier_callbacks where digest = ${digest}`;
    await home.told(sms.vendor, ok(from, { digest }));
    await home.told(sms.vendor, status(sms.taken[0], "delivered"));
    await home.states(id, "acknowledged");
    const vendorId = sms.taken[0]?.vendorId as string;
    const statuses = () => home.owner`select from courier_callbacks where told ->> 'vendorId' = ${vendorId}`;
    expect(await statuses()).toHaveLength(1);

    await home.rest();
    home.clock.pass(8 * 24 * 60 * minute);
    await home.send([sms]);
    await home.until(async () => expect(await kept()).toEqual([{ told: {} }]));
    expect(await statuses()).toHaveLength(0);
    const next = await home.tell(api, [person], { steps });
    await home.states(next.id, "sent");
    await home.told(sms.vendor, ok(from, { digest }));
    await home.told(sms.vendor, status(sms.taken[1], "delivered"));
    await home.states(next.id, "delivered");

    await home.rest();
    home.clock.pass(400 * 24 * 60 * minute);
    await home.send([sms]);
    await home.until(async () => expect(await kept()).toEqual([]));
  });
});

describe("what vendors tell", () => {
  test("never takes a message backwards, however often and in whatever order it comes", async () => {
    const sms = standIn("sms", { now });
    const { id } = await tellOne(sms, { steps: [step("sms", "read", 600)] });
    await home.states(id, "sent");
    const [one] = sms.taken;
    await home.told(sms.vendor, status(one, "read", { digest: "r" }), status(one, "read", { digest: "r" }));
    await home.states(id, "read");
    await home.told(
      sms.vendor,
      status(one, "delivered"),
      status(one, "sent"),
      status(one, "failed", { code: "30008" }),
    );
    await home.until(async () => {
      const told =
        await home.owner`select outcome from courier_callbacks where vendor = ${sms.vendor} and told ->> 'vendorId' = ${one?.vendorId as string}`;
      expect(told.map(({ outcome }) => outcome).sort()).toEqual(["applied", "stale", "stale", "stale"]);
    });
    expect(await home.ledger(id)).toMatchObject([{ status: "read", code: null }]);
    expect((await home.states(id, "read"))[0]?.next_at).toBe(null);
  });

  test("before the answer to its own sending: waits for it", async () => {
    const answer = Promise.withResolvers<void>();
    const sms = standIn("sms", { now, answers: () => ({ until: answer.promise }) });
    const { id } = await tellOne(sms, { steps: [step("sms", "delivered")] });
    await home.until(() => expect(sms.handed).toHaveLength(1));
    await home.told(sms.vendor, status({ vendorId: `sms-${sms.handed[0]?.key}-1` }, "delivered"));
    await home.until(async () => {
      const [told] =
        await home.owner`select tries, outcome from courier_callbacks where told ->> 'vendorId' = ${`sms-${sms.handed[0]?.key}-1`}`;
      expect(told).toMatchObject({ outcome: null });
      expect(told?.tries).toBeGreaterThan(0);
    });
    answer.resolve();
    await home.until(async () => {
      home.clock.pass(5 * second);
      expect((await home.recipients(id))[0]?.state).toBe("delivered");
    });
  });

  test("of a message that nobody knows: is unknown after ten minutes, and changes nothing", async () => {
    const sms = standIn("sms", { now });
    await tellOne(sms);
    const vendorId = `nobody-${crypto.randomUUID()}`;
    await home.told(sms.vendor, status({ vendorId }, "delivered"));
    await home.until(async () => {
      home.clock.pass(2 * minute);
      const [told] =
        await home.owner`select outcome, next_at from courier_callbacks where told ->> 'vendorId' = ${vendorId}`;
      expect(told).toMatchObject({ outcome: "unknown", next_at: null });
    });
  });

  test("a failure after it was sent goes on to the next channel, with the vendor's code", async () => {
    const sms = standIn("sms", { now });
    const { id, attempts } = await tellOne(sms, { steps: [step("sms", "delivered"), step("email", "sent")] });
    await home.states(id, "sent");
    await home.told(sms.vendor, status(sms.taken[0], "failed", { code: "30005" }));
    await home.until(async () => expect(await attempts()).toEqual(["sms taken 30005", "email taken"]));
    expect((await home.states(id, "sent"))[0]).toMatchObject({ step: 1, next_at: null });
  });

  test("a failure that may pass has the same step tried again, later each time, and never before it was said", async () => {
    const code = "63012";
    const then = consequenceOf(code);
    expect(then).toBe("retry");
    const sms = standIn("sms", { now });
    const { id, attempts, email } = await tellOne(sms, {
      steps: [step("sms", "delivered", 600), step("email", "sent")],
    });
    await home.states(id, "sent");
    await home.told(sms.vendor, status(sms.taken[0], "failed", { code, then }));
    await home.until(async () =>
      expect((await home.recipients(id))[0]).toMatchObject({ state: "queued", step: 0, tries: 1 }),
    );
    home.clock.pass(10 * second);
    await home.states(id, "sent");
    expect(await attempts()).toEqual([`sms taken ${code}`, "sms taken"]);
    await home.told(sms.vendor, status(sms.taken[1], "delivered"));
    expect((await home.states(id, "delivered"))[0]).toMatchObject({ step: 0, tries: 2, next_at: null });
    expect(email.handed).toEqual([]);
  });

  test("a failure that may pass and doesn't: when its step's time is over, the next channel is tried", async () => {
    const sms = standIn("sms", { now });
    const then = "retry";
    const { id, email } = await tellOne(sms, { steps: [step("sms", "delivered", 10), step("email", "sent")] });
    for (let n = 0; n < 2; n += 1) {
      await home.until(() => expect(sms.taken).toHaveLength(n + 1));
      await home.states(id, "sent");
      home.clock.pass(4 * minute);
      await home.told(sms.vendor, status(sms.taken[n], "failed", { code: "63012", then }));
      if (n === 0) await home.states(id, "queued");
      home.clock.pass(2 * minute);
    }
    await home.until(() => expect(email.taken).toHaveLength(1));
    expect(sms.taken).toHaveLength(2);
  });

  test("a failure after which this address isn't written to any more: on record, also where that was asked for", async () => {
    const code = "21610";
    expect(consequenceOf(code)).toBe("opt_out");
    const then = "opt_out";
    const failed = { kind: "found", status: "failed", code, then } as const;
    const asked = standIn("sms", {
      ...{ now, answers: () => "lost after" },
      finds: ({ key }) => ({ ...failed, vendorId: key }),
    });
    const first = await tellOne(asked);
    await home.until(async () => expect(await first.attempts()).toEqual(["sms unknown timeout"]));
    home.clock.pass(10 * second);
    await home.until(async () => expect(await first.attempts()).toEqual([`sms taken ${code}`, "email taken"]));
    await home.rest();
    const told = standIn("sms", { now });
    const after = await tellOne(told, { steps: [step("sms", "delivered"), step("email", "sent")] });
    await home.states(after.id, "sent");
    await home.told(told.vendor, status(told.taken[0], "failed", { code, then }));
    await home.until(async () => expect(await after.attempts()).toEqual([`sms taken ${code}`, "email taken"]));
    for (const { here, person } of [first, after])
      expect(await home.owner`select address, source from channel_opt_outs where tenant_id = ${here.tenantId}`).toEqual(
        [{ address: person.phone, source: "vendor" }],
      );
  });

  test("who fails for now when they are asked about is tried again there", async () => {
    const then = "retry";
    const sms = standIn("sms", {
      ...{ now, answers: (_, n) => (n === 0 ? "lost after" : "takes") },
      finds: ({ key }) => ({ kind: "found", vendorId: key, status: "failed", code: "30001", then }),
    });
    const { id, attempts, email } = await tellOne(sms);
    await home.until(async () => expect(await attempts()).toEqual(["sms unknown timeout"]));
    home.clock.pass(10 * second);
    await home.until(async () => expect((await home.ledger(id))[0]).toMatchObject({ status: "failed" }));
    home.clock.pass(10 * second);
    await home.states(id, "sent");
    expect(await attempts()).toEqual(["sms taken 30001", "sms taken"]);
    expect(email.handed).toEqual([]);
  });

  test("an earlier channel's late word that it was read ends the ladder also while the next one is under way", async () => {
    const answer = Promise.withResolvers<void>();
    const sms = standIn("sms", { now });
    const { here, api } = await home.at();
    const email = standIn("email", { now, answers: () => ({ until: answer.promise }) });
    await home.send([sms, email]);
    const steps = [step("sms", "read", 1), step("email", "read", 600)];
    const { id } = await home.tell(api, [await home.somebody(here)], { steps });
    await home.states(id, "sent");
    home.clock.pass(2 * minute);
    await home.until(() => expect(email.handed).toHaveLength(1));
    await home.told(sms.vendor, status(sms.taken[0], "read"));
    await home.until(async () => expect((await home.ledger(id))[0]?.status).toBe("read"));
    answer.resolve();
    expect((await home.states(id, "read"))[0]).toMatchObject({ next_at: null });
  });

  test("STOP ends that channel for all that waits, and START opens it again: on record", async () => {
    const sms = standIn("sms", { now, answers: (_, n) => (n === 1 ? retry("429", 300_000) : "takes") });
    const { here, api, person, email } = await tellOne(sms);
    await home.until(() => expect(sms.taken).toHaveLength(1));
    const waits = await home.tell(api, [person], { steps: [step("sms", "sent"), step("email", "sent")] });
    await home.until(async () =>
      expect((await home.recipients(waits.id))[0]).toMatchObject({ state: "queued", tries: 1 }),
    );
    const said = { channel: "sms", from: person.phone as string } as const;
    await home.told(sms.vendor, { kind: "opt_out", ...said });
    const outs = () => home.owner`select source, ended_at from channel_opt_outs where tenant_id = ${here.tenantId}`;
    await home.until(async () => expect(await outs()).toMatchObject([{ source: "reply", ended_at: null }]));
    home.clock.pass(6 * minute);
    await home.until(() => expect(email.taken).toHaveLength(1));
    expect(sms.handed).toHaveLength(2);
    await home.told(sms.vendor, { kind: "opt_in", ...said });
    await home.until(async () => expect((await outs())[0]?.ended_at).not.toBe(null));
    const moves = (await here.trail()).filter(({ resource_type }) => resource_type === "contact");
    expect(moves.map(({ action }) => action)).toEqual(["contact.opted_out", "contact.opted_in"]);
    expect(JSON.stringify(moves)).not.toContain(person.phone);
    expect(await toldOf(here, "contact.%")).toEqual(["contact.opted_out", "contact.opted_in"]);
  });

  test.each([
    ["a complaint", {}, "complaint"],
    ["a vendor that was told so by hand", { by: "vendor" }, "vendor"],
  ] as const)("%s ends mail, however the vendor and the directory spell the address", async (_, more, source) => {
    const email = standIn("email", { now });
    const { here, api } = await home.at();
    await home.send([email]);
    const name = crypto.randomUUID();
    const person = await home.somebody(here, { email: `L.${name}@Rimal.example` });
    const first = await home.tell(api, [person], { steps: [step("email", "sent")] });
    await home.states(first.id, "sent");
    const from = `l.${name.toUpperCase()}@rimal.EXAMPLE`;
    await home.told(email.vendor, { kind: "opt_out", channel: "email", from, ...more });
    const outs = () =>
      home.owner`select address, source from channel_opt_outs where tenant_id = ${here.tenantId} and ended_at is null`;
    await home.until(async () => expect(await outs()).toEqual([{ address: `l.${name}@rimal.example`, source }]));
    const next = await home.tell(api, [person], { steps: [step("email", "sent")] });
    const [row] = await home.states(next.id, "failed");
    expect(row?.state_reason).toBe("No channel is left. email: opted out");
    expect(email.handed).toHaveLength(1);
  });

  test("a vendor that never wants to send to an address again: on record, and the channel isn't used there any more", async () => {
    const sms = standIn("sms", {
      now,
      answers: () => refused("21610", "opt_out"),
    });
    const { here, api, person, id, attempts } = await tellOne(sms);
    await home.states(id, "sent");
    expect(await attempts()).toEqual(["sms refused 21610", "email taken"]);
    const next = await home.tell(api, [person], { steps: [step("sms", "sent"), step("email", "sent")] });
    await home.states(next.id, "sent");
    expect(sms.handed).toHaveLength(1);
    expect(await home.owner`select source from channel_opt_outs where tenant_id = ${here.tenantId}`).toEqual([
      { source: "vendor" },
    ]);
    expect(await toldOf(here, "contact.%")).toEqual(["contact.opted_out"]);
  });

  test("who wrote on WhatsApp within a day is written to inside the window", async () => {
    const whatsapp = standIn("whatsapp", { now });
    const { here, api } = await home.at();
    await home.send([whatsapp]);
    const [writes, silent] = [await home.somebody(here), await home.somebody(here)];
    await home.told(whatsapp.vendor, {
      kind: "reply",
      channel: "whatsapp",
      from: writes.phone as string,
      text: "Hello",
      inReplyTo: null,
    });
    const { id } = await home.tell(api, [writes, silent], { steps: [step("whatsapp", "sent")] });
    await home.states(id, "sent", "sent");
    const inside = (to: string | null) => whatsapp.handed.find((one) => one.to === to)?.insideWindow;
    expect([inside(writes.phone), inside(silent.phone)]).toEqual([true, false]);
  });
});

describe("one organisation in trouble", () => {
  const finished = (id: string) =>
    home.until(async () => expect(await home.dispatch(id)).toMatchObject({ state: "finished" }));

  test("whose escalation throws keeps nobody else from theirs, nor any dispatch from its end", async () => {
    const sms = standIn("sms", { now });
    const told = { steps: [step("sms", "acknowledged", 600)], escalateAfterMinutes: 5 };
    const ends = { steps: [step("sms", "sent")] };
    const [broken, whole] = [await home.at(), await home.at()];
    await home.owner.unsafe(`
      create function broken() returns trigger language plpgsql as $$ begin raise 'broken'; end $$;
      create trigger broken before update of escalate_at on dispatch_recipients for each row
        when (new.tenant_id = '${broken.here.tenantId}' and new.escalate_at is null) execute function broken()`);
    try {
      await home.send([sms]);
      const [first, second] = [
        await home.tell(broken.api, [await home.somebody(broken.here)], told),
        await home.tell(whole.api, [await home.somebody(whole.here)], told),
      ];
      await home.states(first.id, "sent");
      await home.states(second.id, "sent");
      home.clock.pass(6 * minute);
      await home.until(async () => expect((await home.recipients(second.id))[0]?.escalate_at).toBe(null));
      const last = await home.tell(whole.api, [await home.somebody(whole.here)], ends);
      await finished(last.id);
      const stops = await home.tell(whole.api, [await home.somebody(whole.here)], told);
      await home.states(stops.id, "sent");
      expect((await whole.api.post(`/dispatches/${stops.id}/stop`, {})).status).toBe(200);
      await home.until(async () => expect((await home.dispatch(stops.id))?.finished_at).not.toBe(null));
      expect((await home.recipients(first.id))[0]?.escalate_at).not.toBe(null);
    } finally {
      await home.owner.unsafe("drop trigger broken on dispatch_recipients; drop function broken()");
    }
  });

  test("whose vendor hangs when it is asked holds up no dispatch's end", async () => {
    const answer = Promise.withResolvers<"absent">();
    const sms = standIn("sms", { now, answers: () => "lost after", finds: () => answer.promise });
    await tellOne(sms);
    await home.until(() => expect(sms.handed).toHaveLength(1));
    await home.until(() => {
      home.clock.pass(second);
      expect(sms.asked).toHaveLength(1);
    });
    const { here, api } = await home.at();
    const { id } = await home.tell(api, [await home.somebody(here)], { steps: [step("email", "sent")] });
    await finished(id);
    expect(sms.asked).toHaveLength(1);
    answer.resolve("absent");
  });
});
