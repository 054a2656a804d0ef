import { papers } from "@dais/worker/couriers/papers";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { briefingRoom, setPrinted } from "./support/briefings.ts";
import { standIn } from "./support/courier.ts";
import { type DispatchHome, dispatchHome, step } from "./support/dispatch-home.ts";

let home: DispatchHome;
beforeAll(async () => {
  home = await dispatchHome();
});
afterEach(() => home.rest());

const now = () => home.clock.now();

/** A distributed briefing, and a dispatch by which somebody is mailed its document. */
async function about(settings: object = { ceilings: { email: "internal" } }) {
  const { here, api } = await home.at(settings);
  const room = await briefingRoom(home.server.url, () => now().getTime(), here);
  const briefing = await room.distributed();
  const email = standIn("email", { now });
  const sms = standIn("sms", { now });
  const paperOf = papers(home.server.kernel.perform, now);
  const person = await home.somebody(here);
  const tell = () =>
    home.tell(api, [person], {
      ...{ steps: [step("email", "delivered", 5), step("sms", "sent")], classification: "internal" },
      ...{ subject: { type: "briefing", id: briefing.id }, attachesPaper: true },
    });
  return { here, briefing, email, sms, tell, start: () => home.send([email, sms], { paperOf }) };
}

describe("the document of a briefing", () => {
  test("goes along with mails, and with nothing else", async () => {
    const { here, briefing, email, sms, tell, start } = await about();
    await setPrinted(here, briefing.id, home.owner);
    await start();
    const { id } = await tell();
    await home.states(id, "sent");
    expect(email.taken[0]?.message.attachments).toMatchObject([{ contentType: "application/pdf" }]);
    expect(email.taken[0]?.message.attachments[0]?.name).toMatch(/\.pdf$/);
    home.clock.pass(6 * 60_000);
    await home.until(() => expect(sms.taken).toHaveLength(1));
    expect(sms.taken[0]?.message.attachments).toEqual([]);
  });

  test("is waited for where it isn't there yet, and goes along once it is", async () => {
    const { here, briefing, email, tell, start } = await about();
    await start();
    const { id } = await tell();
    await home.until(async () => expect((await home.recipients(id))[0]?.next_at > now()).toBe(true));
    expect(email.handed).toEqual([]);
    await setPrinted(here, briefing.id, home.owner);
    home.clock.pass(6000);
    await home.states(id, "sent");
    expect(email.taken[0]?.message.attachments).toHaveLength(1);
  });

  test("is not waited for longer than ten minutes: it goes without, on record", async () => {
    const { here, email, tell, start } = await about();
    await start();
    const { id } = await tell();
    await home.until(async () => expect((await home.recipients(id))[0]?.next_at > now()).toBe(true));
    home.clock.pass(11 * 60_000);
    const [row] = await home.states(id, "sent");
    expect(email.taken[0]?.message.attachments).toEqual([]);
    expect((await here.trail(row?.id)).map(({ reason }) => reason)).toContain(
      "The document was not there in time: it goes without.",
    );
  });

  test("stays here where mail may not carry what it says", async () => {
    const { here, briefing, email, tell, start } = await about({});
    await setPrinted(here, briefing.id, home.owner);
    await start();
    const { id } = await tell();
    await home.states(id, "sent");
    expect(email.taken[0]?.message).toMatchObject({ attachments: [] });
    expect(email.taken[0]?.message.text).toContain("Sign in to read it");
  });
});
