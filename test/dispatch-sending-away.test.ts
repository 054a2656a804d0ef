import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { limited, type StandIn, standIn } from "./support/courier.ts";
import { type DispatchHome, dispatchHome, step } from "./support/dispatch-home.ts";

let home: DispatchHome;
beforeAll(async () => {
  home = await dispatchHome();
});
afterEach(() => home.rest());

const [second, minute] = [1000, 60_000];
const now = () => home.clock.now();
const status = (of: { vendorId?: string } | undefined, is: string, code: string | null = null) =>
  ({ kind: "status", vendorId: of?.vendorId, status: is, code }) as never;

/** Has one person told, over these channels. */
async function tellOne(couriers: readonly StandIn[], steps: object[], of: { phone?: null } = {}) {
  const { here, api } = await home.at();
  await home.send(couriers);
  const { id } = await home.tell(api, [await home.somebody(here, of)], { steps });
  const attempts = async () =>
    (await home.ledger(id)).map(({ channel, state, code }) => `${channel} ${state}${code ? ` ${code}` : ""}`);
  const recipient = async () => (await home.recipients(id))[0];
  return { here, api, id, attempts, recipient };
}
const finished = (id: string) =>
  home.until(async () => expect(await home.dispatch(id)).toMatchObject({ state: "finished" }));

describe("a vendor that is away", () => {
  test("whose answer was lost is asked on, while the ladder goes on when the step's time is over; and says why until then", async () => {
    let back: "away" | "absent" = "away";
    const sms = standIn("sms", { now, answers: () => "lost before", finds: () => back });
    const email = standIn("email", { now });
    const { id, attempts, recipient } = await tellOne(
      [sms, email],
      [step("sms", "delivered", 2), step("email", "sent")],
    );
    await home.until(async () =>
      expect(await recipient()).toMatchObject({
        ...{ state: "sending", state_reason: "sms: the answer was lost, and the vendor is asked" },
      }),
    );
    home.clock.pass(minute);
    await home.until(() => expect(sms.asked.length).toBeGreaterThan(0));
    expect(email.handed).toEqual([]);
    home.clock.pass(minute + second);
    await home.states(id, "sent");
    expect(await attempts()).toEqual(["sms unknown", "email taken"]);
    // What is found out later decides nothing any more.
    back = "absent";
    await home.until(async () => {
      home.clock.pass(10 * minute);
      expect(await attempts()).toEqual(["sms absent absent", "email taken"]);
    });
    expect([sms.handed.length, email.handed.length, (await recipient())?.state]).toEqual([1, 1, "sent"]);
    await finished(id);
  });

  test("is tried for a quarter of an hour at least where there is no other channel", async () => {
    const sms = standIn("sms", { now, answers: (_, n) => (n < 6 ? limited("429", 60_000) : "takes") });
    const { recipient } = await tellOne([sms], [step("sms", "sent", 1)]);
    await home.until(async () => {
      const row = await recipient();
      // Never while it is in somebody's hand: they would be out of time.
      if (row?.state === "queued" && row.next_at > now()) home.clock.pass(30 * second);
      expect(row?.state).toBe("sent");
    });
    expect(sms.handed).toHaveLength(7);
  });

  test("that wants to be left alone for longer than a step's time is passed over at once, by those who come later too", async () => {
    const sms = standIn("sms", { now, answers: () => limited("429", 15 * minute) });
    const email = standIn("email", { now });
    const { here, api, attempts, id } = await tellOne([sms, email], [step("sms", "sent", 1), step("email", "sent")]);
    await home.states(id, "sent");
    expect(await attempts()).toEqual(["sms refused 429", "email taken"]);
    const [later, only] = [await home.somebody(here), await home.somebody(here)];
    const second = await home.tell(api, [later], { steps: [step("sms", "sent", 1), step("email", "sent")] });
    await home.states(second.id, "sent");
    const moves = await home.owner`select reason from audit
      where tenant_id = ${here.tenantId} and event = 'fall' and reason is not null order by seq`;
    expect(moves.map(({ reason }) => reason)).toEqual(["sms: 429", "sms: its vendor takes no more for now"]);
    // Who has no other channel, or is given longer than the pause, waits for its end; and it says so.
    for (const steps of [[step("sms", "sent", 1)], [step("sms", "sent", 30), step("email", "sent")]]) {
      const waits = await home.tell(api, [only], { steps });
      await home.until(async () =>
        expect((await home.recipients(waits.id))[0]).toMatchObject({
          ...{ state: "queued", step: 0, state_reason: "sms: its vendor takes no more for now" },
        }),
      );
      const [row] = await home.recipients(waits.id);
      expect(row?.next_at.getTime() - now().getTime()).toBeGreaterThan(14 * minute);
    }
    expect([sms.handed.length, email.handed.length]).toEqual([1, 2]);
  });
});

describe("who can't be known to have been told", () => {
  const byMail = async (finds: () => "untold" | "away" | "absent" | "found") => {
    const email = standIn("email", { now, answers: () => "lost after", finds });
    return tellOne([email, standIn("sms", { now })], [step("email", "sent", 1), step("sms", "sent")], { phone: null });
  };

  test("is undetermined, also where the channels behind couldn't be used", async () => {
    const { id, recipient } = await byMail(() => "untold");
    await home.until(async () => expect((await home.ledger(id))[0]).toMatchObject({ state: "unknown" }));
    home.clock.pass(10 * second);
    await home.states(id, "undetermined");
    expect((await recipient())?.state_reason).toContain("sms: no address");
    await finished(id);
  });

  test.each([
    ["absent", "failed"],
    ["found", "sent"],
  ] as const)("and of whom it is %s afterwards is %s", async (said, state) => {
    let knows: "away" | typeof said = "away";
    const { id, recipient } = await byMail(() => knows);
    await home.until(async () => expect((await home.ledger(id))[0]).toMatchObject({ state: "unknown" }));
    home.clock.pass(2 * minute);
    await home.states(id, "undetermined");
    knows = said;
    await home.until(async () => {
      home.clock.pass(minute);
      expect((await recipient())?.state).toBe(state);
    });
  });
});

describe("a vendor's later word", () => {
  test("that a message failed goes on to the next channel, though one before was delivered", async () => {
    const [whatsapp, sms, email] = (["whatsapp", "sms", "email"] as const).map((one) => standIn(one, { now })) as [
      StandIn,
      StandIn,
      StandIn,
    ];
    const steps = [step("whatsapp", "read", 1), step("sms", "acknowledged", 30), step("email", "sent")];
    const { id } = await tellOne([whatsapp, sms, email], steps);
    await home.states(id, "sent");
    await home.told(whatsapp.vendor, status(whatsapp.taken[0], "delivered"));
    await home.states(id, "delivered");
    home.clock.pass(2 * minute);
    await home.until(() => expect(sms.taken).toHaveLength(1));
    await home.until(async () => expect((await home.ledger(id))[1]).toMatchObject({ state: "taken" }));
    await home.told(sms.vendor, status(sms.taken[0], "failed", "30003"));
    await home.until(() => expect(email.taken).toHaveLength(1));
  });

  test.each([
    [5, "within its time goes on, whoever else there is", 1],
    [11, "after it doesn't, whoever else there is", 0],
  ] as const)(
    "that it failed after all, %i minutes after a step that asks for no more than sent: %s",
    async (minutes, _, mails) => {
      const [sms, email] = [standIn("sms", { now }), standIn("email", { now })];
      const { id, recipient } = await tellOne([sms, email], [step("sms", "sent", 10), step("email", "sent")]);
      await home.states(id, "sent");
      home.clock.pass(minutes * minute);
      if (mails === 0) await finished(id);
      await home.told(sms.vendor, status(sms.taken[0], "failed", "30003"));
      await home.until(async () => expect((await recipient())?.state).toBe(mails ? "sent" : "failed"));
      await home.until(() => expect(email.taken).toHaveLength(mails));
      await finished(id);
    },
  );

  test.each(["delivered", "read"] as const)("that it was %s counts where the ladder had ended", async (word) => {
    const sms = standIn("sms", { now });
    const { id, here } = await tellOne([sms], [step("sms", word, 1)]);
    await home.states(id, "sent");
    home.clock.pass(2 * minute);
    await home.states(id, "expired");
    await finished(id);
    await home.told(sms.vendor, status(sms.taken[0], word));
    const [row] = await home.states(id, word);
    expect(row).toMatchObject({ next_at: null, state_reason: null });
    const told =
      await home.owner`select 1 from outbox where tenant_id = ${here.tenantId} and name = ${`dispatch_recipient.${word}`}`;
    expect(told).toHaveLength(1);
  });
});
