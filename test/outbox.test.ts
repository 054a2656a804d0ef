import { createHash } from "node:crypto";
import type { Carriers } from "@dais/api/carriers";
import { readConfig } from "@dais/api/config";
import { couriersBy } from "@dais/api/courier-settings";
import { standIns } from "@dais/api/dev/standins";
import type { Channel } from "@dais/contracts/dispatches/values";
import { approvedTexts } from "@dais/demo/approved-texts";
import type { Message } from "@dais/kernel/couriers/port";
import { freePort } from "@dais/local/port";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { messageTo, never, someNumber } from "./support/couriers.ts";
import { asOwner } from "./support/owner.ts";
import { startServer } from "./support/server.ts";

let url: string;
let carriers: Carriers;
beforeAll(async () => {
  const port = await freePort(49_000 + (process.pid % 900));
  url = `http://localhost:${port}`;
  await startServer({
    env: { PORT: String(port), PUBLIC_URL: url },
    carriers: async (publicUrl) => {
      const config = readConfig({});
      carriers = await standIns({ now: () => new Date(), publicUrl, port, config });
      return carriers;
    },
  });
});
afterAll(() => carriers.close());

/** Hands a message to who carries it; answers with the vendor's id of it. */
async function sent(channel: Channel, to: string, of: Partial<Message> = {}): Promise<string> {
  const courier = carriers.couriers.find((one) => one.channel === channel);
  const callbackUrl = `${url}/callbacks/${courier?.vendor}/rimal`;
  const handed = await courier?.send(messageTo(to, { callbackUrl, ...of }), never);
  if (handed?.kind !== "accepted") throw new Error(`not taken: ${JSON.stringify(handed)}`);
  return handed.vendorId;
}
const page = async () => (await fetch(`${url}/dev/outbox`)).text();
const press = (id: string, what: string, headers: Record<string, string> = {}) =>
  fetch(`${url}/dev/outbox/${id}`, {
    method: "POST",
    body: new URLSearchParams({ do: what }),
    headers,
    redirect: "manual",
  });
const told = (fits: Record<string, unknown>) =>
  vi.waitFor(
    async () => {
      const rows = await asOwner()`select told from courier_callbacks where told @> ${asOwner().json(fits as never)}`;
      expect(rows).not.toHaveLength(0);
    },
    { timeout: 20_000, interval: 50 },
  );

describe("/dev/outbox", () => {
  test("200: each message as its recipient would see it, newest first", async () => {
    const [one, other] = [someNumber(), someNumber()];
    await sent("whatsapp", one, { text: `Leave the hall: ${url}/r/rimal/token?m` });
    await sent("sms", other, { text: "غادروا القاعة <b>الآن</b>" });
    await sent("teams", crypto.randomUUID(), { text: "Leave the pier" });
    await sent("email", "layla@rimal.example", { subject: "Ports & piers", text: "Open." });
    const body = await page();
    const order = ["Ports &amp; piers", "Leave the pier", "غادروا القاعة &lt;b&gt;الآن&lt;/b&gt;", "Leave the hall"];
    const places = order.map((text) => body.indexOf(text));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places[0]).toBeGreaterThan(0);
    expect(body).toContain(`<a href="${url}/r/rimal/token?m" target="_blank" rel="noreferrer">`);
    for (const address of [one, other, "layla@rimal.example"]) expect(body).toContain(address);
  });

  test("303: its buttons have the stand-in tell it, signed, to the server that is asked", async () => {
    const number = someNumber();
    // Who wrote nothing for a day is written to by what was approved beforehand only.
    const closed = await sent("whatsapp", number);
    await told({ kind: "status", vendorId: closed, status: "failed", code: "63016" });
    await press(closed, "ok");
    await told({ kind: "reply", channel: "whatsapp", from: number, inReplyTo: closed });
    const id = await sent("whatsapp", number);
    await told({ kind: "status", vendorId: id, status: "delivered" });
    expect((await press(id, "read")).headers.get("location")).toBe(`/dev/outbox#m-${id}`);
    await told({ kind: "status", vendorId: id, status: "read" });
    await press(id, "ok");
    await told({ kind: "reply", channel: "whatsapp", from: number, text: "OK", inReplyTo: id });
    await press(id, "stop");
    await told({ kind: "opt_out", channel: "whatsapp", from: number });
  });

  test("303: who has left a channel by STOP comes back by START, as anybody's phone would have it", async () => {
    const number = someNumber();
    for (const channel of ["sms", "whatsapp"] as const) {
      if (channel === "whatsapp") await press(await sent(channel, number), "ok");
      const id = await sent(channel, number);
      expect(await page()).toMatch(new RegExp(`<form method="post" action="/dev/outbox/${id}">[^]*?value="start"`));
      await press(id, "stop");
      await told({ kind: "opt_out", channel, from: number });
      if (channel === "sms") await expect(sent(channel, number)).rejects.toThrow("21610");
      expect((await press(id, "start")).headers.get("location")).toBe(`/dev/outbox#m-${id}`);
      await told({ kind: "opt_in", channel, from: number });
      await sent(channel, number);
    }
  });

  test("404: what a mail shows no button for: what was called spam stays it, and nothing is by an OK", async () => {
    const id = await sent("email", `p${crypto.randomUUID()}@rimal.example`);
    expect(await page()).not.toMatch(new RegExp(`action="/dev/outbox/${id}">(?:(?!</form>)[^])*value="start"`));
    for (const what of ["start", "ok"]) expect((await press(id, what)).status).toBe(404);
  });

  test("200: what was approved for the demo comes by WhatsApp, whoever is silent", async () => {
    const [number, [contentSid = ""]] = [someNumber(), Object.keys(approvedTexts)];
    const variables = { name: "Huda", day: "6 January", link: `${url}/r/rimal/token` };
    const id = await sent("whatsapp", number, { template: { contentSid, variables }, insideWindow: false });
    await told({ kind: "status", vendorId: id, status: "delivered" });
    expect(await page()).toContain("briefing of 6 January");
  });

  test("303: mail that is opened has arrived and is no more than that; and it is called spam", async () => {
    const to = `p${crypto.randomUUID()}@rimal.example`;
    const id = await sent("email", to);
    await press(id, "read");
    // Sent, delivered, opened.
    const statuses = () =>
      asOwner()`select told ->> 'status' as status from courier_callbacks where told ->> 'vendorId' = ${id}`;
    const three = { timeout: 20_000, interval: 50 };
    await vi.waitFor(async () => expect(await statuses()).toHaveLength(3), three);
    expect((await statuses()).map(({ status }) => status)).not.toContain("read");
    await press(id, "stop");
    await told({ kind: "opt_out", channel: "email", from: to });
  });

  test("200: what a mail says stays in a place of its own; its attachments are what was attached", async () => {
    const bytes = new TextEncoder().encode("%PDF-1.7 not really");
    const id = await sent("email", "huda@rimal.example", {
      html: `<p>Hi</p><script>document.title = "run"</script><img src="https://evil.example/x.png">`,
      attachments: [{ name: "إحاطة.pdf", contentType: "application/pdf", bytes }],
    });
    const mail = await fetch(`${url}/dev/outbox/${id}/html`);
    expect(mail.headers.get("content-security-policy")).toMatch(/^sandbox allow-popups .*default-src 'none'/);
    const file = await fetch(`${url}/dev/outbox/${id}/files/0`);
    expect(file.headers.get("content-disposition")).toMatch(/^attachment; .*filename\*=UTF-8''/);
    const digest = (some: Uint8Array) => createHash("sha256").update(some).digest("hex");
    expect(digest(new Uint8Array(await file.arrayBuffer()))).toBe(digest(bytes));
    for (const path of [`${id}/files/1`, `${id}/files/x`, "nobody/html"])
      expect((await fetch(`${url}/dev/outbox/${path}`)).status).toBe(404);
  });

  test("403 origin_not_allowed: by another name, or from another site's page", async () => {
    const id = await sent("sms", someNumber());
    const foreign: Record<string, string>[] = [
      { origin: "https://evil.example" },
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
    ];
    for (const headers of foreign) expect((await press(id, "stop", headers)).status).toBe(403);
    const answer = await new Promise<number>((resolve) => {
      void import("node:http").then(({ get }) =>
        get(`${url}/dev/outbox`, { headers: { host: "evil.example" } }, (it) => resolve(it.statusCode ?? 0)),
      );
    });
    expect(answer).toBe(403);
  });

  test("404: what isn't there, and what no button says", async () => {
    const id = await sent("sms", someNumber());
    expect([(await press("nobody", "stop")).status, (await press(id, "eat")).status]).toEqual([404, 404]);
  });

  test("in a browser: nothing is refused by its own rules, no script of a mail runs, and buttons work", async () => {
    const number = someNumber();
    const id = await sent("sms", number);
    await sent("email", "omar@rimal.example", { html: `<p style="color:#0b5c6b">Hello</p><script>top.x = 1</script>` });
    const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
    try {
      const tab = await browser.newPage({ viewport: { width: 900, height: 1200 } });
      const refused: string[] = [];
      tab.on("console", (message) => message.type() === "error" && refused.push(message.text()));
      await tab.goto(`${url}/dev/outbox`);
      await tab.frameLocator("iframe").first().getByText("Hello").waitFor();
      await tab.locator(`[id="m-${id}"]`).getByRole("button", { name: "OK" }).click();
      await tab.waitForURL(`**/dev/outbox#m-${id}`);
      await told({ kind: "reply", channel: "sms", from: number });
      expect(await tab.evaluate("window.x")).toBeUndefined();
      // What is refused is what mails bring along.
      const theirs = /executing script|script execution|img-src data:|status of 404/;
      expect(refused.filter((text) => !theirs.test(text))).toEqual([]);
      if (process.env.DAIS_SCREENSHOT) await tab.screenshot({ path: process.env.DAIS_SCREENSHOT, fullPage: true });
    } finally {
      await browser.close();
    }
  });

  test("404: where no stand-ins are", async () => {
    const other = await startServer();
    expect((await fetch(`${other.url}/dev/outbox`)).status).toBe(404);
    expect(couriersBy(readConfig({ DAIS_COURIERS: "none" }))).toBe("none");
  });
});
