import { type Carriers, callbackUrl } from "@dais/api/carriers";
import { readConfig } from "@dais/api/config";
import { standIns } from "@dais/api/dev/standins";
import { freePort } from "@dais/local/port";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type DispatchHome, dispatchHome, step } from "./support/dispatch-home.ts";

let home: DispatchHome;
let carriers: Carriers;
let url: string;
/** The vendors' clock, where it stands still. */
let still: Date | null = null;
beforeAll(async () => {
  const port = await freePort(48_000 + (process.pid % 900));
  url = `http://localhost:${port}`;
  home = await dispatchHome({
    env: { PORT: String(port), PUBLIC_URL: url },
    carriers: async (publicUrl) => {
      carriers = await standIns({ now: () => still ?? new Date(), publicUrl, port, config: readConfig({}) });
      return carriers;
    },
  });
});
afterAll(() => carriers.close());
afterEach(async () => {
  still = null;
  await home.rest();
});

const start = () =>
  home.send(
    carriers.couriers.map((courier) => ({ courier })),
    { callbackOf: (vendor, tenant) => callbackUrl(url, vendor, tenant) },
  );

describe("over the vendors' own protocols", () => {
  test("WhatsApp's window is closed: the SMS comes, and what Twilio signs says that it was delivered", async () => {
    const { here, api } = await home.at();
    await start();
    const { id } = await home.tell(api, [await home.somebody(here, { phone: "+971501234567" })], {
      steps: [step("whatsapp", "delivered"), step("sms", "delivered")],
    });
    const [row] = await home.states(id, "delivered");
    expect(row).toMatchObject({ step: 1, next_at: null });
    const [whatsapp, sms] = await home.ledger(id);
    expect(whatsapp).toMatchObject({ channel: "whatsapp", state: "refused" });
    expect(sms).toMatchObject({ channel: "sms", state: "taken", status: "delivered" });
  });

  test("mail by Resend, with the link, delivered by a signed webhook", async () => {
    const { here, api } = await home.at();
    await start();
    const person = await home.somebody(here);
    const { id } = await home.tell(api, [person], { steps: [step("email", "delivered")] });
    await home.states(id, "delivered");
    expect(await home.ledger(id)).toMatchObject([{ vendor: "resend", address: person.email, status: "delivered" }]);
  });

  test("mail that bounces for good: the address isn't written to any more, until Resend takes it again", async () => {
    const { here, api } = await home.at();
    await start();
    const person = await home.somebody(here, { email: `bounced+${crypto.randomUUID()}@resend.dev` });
    const mail = { steps: [step("email", "delivered")] };
    const first = await home.tell(api, [person], mail);
    await home.states(first.id, "failed");
    const outs = async () => (await api.get("/contacts/opt-outs")).body.items;
    await home.until(async () =>
      expect(await outs()).toMatchObject([
        { channel: "email", address: person.email, source: "vendor", endedAt: null },
      ]),
    );
    const second = await home.tell(api, [person], mail);
    await home.states(second.id, "failed");
    expect(await home.ledger(second.id)).toEqual([]);
    await home.told("resend", { kind: "opt_in", channel: "email", from: person.email as string });
    await home.until(async () => expect(await outs()).toMatchObject([{ endedAt: expect.any(String) }]));
  });

  test("Teams by Graph, to the person's id in the directory", async () => {
    const { here, api } = await home.at();
    await start();
    const person = await home.somebody(here);
    const { id } = await home.tell(api, [person], { steps: [step("teams", "sent")] });
    await home.states(id, "sent");
    expect(await home.ledger(id)).toMatchObject([{ channel: "teams", address: person.oid, state: "taken" }]);
  });
  test("Teams, to several in the same moment: the ids of their chats' messages are the same, and nobody is stuck", async () => {
    const { here, api } = await home.at();
    still = new Date();
    await start();
    const people = [await home.somebody(here), await home.somebody(here), await home.somebody(here)];
    const { id } = await home.tell(api, people, { steps: [step("teams", "sent")] });
    await home.states(id, "sent", "sent", "sent");
    const ids = (await home.ledger(id)).map((attempt) => String(attempt.vendor_id).split("/"));
    expect([new Set(ids.map(([chat]) => chat)).size, new Set(ids.map(([, own]) => own)).size]).toEqual([3, 1]);
  });
});
