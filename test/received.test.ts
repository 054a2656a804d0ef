import type { Server } from "@dais/api/server";
import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import { acknowledgeLinks } from "@dais/kernel/couriers/links";
import { chromium } from "playwright-core";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { anAddressee, aPolicy } from "./support/dispatches.ts";
import { setRecipient } from "./support/notifications.ts";
import { type Place, place } from "./support/place.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";

const [old, current] = [7, 9].map((byte) => ({ key: new Uint8Array(32).fill(byte) })) as [{ key: Uint8Array }, never];
const inSettings = (keys: { key: Uint8Array }[]) =>
  keys.map(({ key }, n) => `k${n}:${Buffer.from(key).toString("base64")}`).join(",");

let server: Server;
let here: Place;
let api: RestClient;
beforeAll(async () => {
  server = await startServer({ env: { SEAL_KEYS: inSettings([current, old]) } });
});
beforeEach(async () => {
  here = await place();
  api = restClient(server.url, await here.key());
});

const linkOf = (recipientId: string, keys: { key: Uint8Array }[] = [current], to: Place = here): string =>
  acknowledgeLinks(keys).make({ id: to.tenantId, slug: to.slug }, uuidOf(recipientId));
const aPerson = async () => {
  const person = await here.person({ roles: [] });
  return { person, recipientId: await setRecipient(api, { personIds: [person.id] }) };
};
const ask = async (path: string, method = "GET", headers: Record<string, string> = {}) => {
  const answer = await fetch(server.url + path, { method, headers, redirect: "manual" });
  return { status: answer.status, headers: answer.headers, body: await answer.text() };
};
const recipient = async (id: string) => (await api.get(`/dispatch-recipients/${id}`)).body;

describe("the page of an acknowledgement", () => {
  test("200: asks in both languages, the recipient's first, and tells nothing of the message", async () => {
    const addressees = [anAddressee({ language: "ar" })];
    const id = await setRecipient(api, { addressees }, { policy: aPolicy("sms"), values: { en: { site: "Hall 4" } } });
    const { status, body, headers } = await ask(linkOf(id));
    expect(status).toBe(200);
    expect(body).toMatch(/<html lang="ar" dir="rtl">/);
    expect(body.indexOf("يُرجى تأكيد الاستلام")).toBeLessThan(body.indexOf("Please confirm receipt"));
    expect(body).toContain("اختبار");
    for (const secret of ["Hall 4", "Huda", "Warning", "+9715"]) expect(body).not.toContain(secret);
    expect(headers.get("content-security-policy")).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
    );
    expect(Object.fromEntries(headers)).toMatchObject({
      ...{ "referrer-policy": "no-referrer", "cache-control": "no-store", "x-content-type-options": "nosniff" },
      "x-robots-tag": "noindex, nofollow, noarchive",
    });
    expect(headers.get("set-cookie")).toBeNull();
    expect(body).not.toMatch(/<script|http-equiv|src=/i);
  });

  test("200: looking at it, however often and by whatever, acknowledges nothing", async () => {
    const { recipientId } = await aPerson();
    for (const method of ["GET", "HEAD", "GET", "OPTIONS"])
      expect([200, 204]).toContain((await ask(linkOf(recipientId), method)).status);
    expect((await ask(linkOf(recipientId), "HEAD")).body).toBe("");
    expect(await recipient(recipientId)).toMatchObject({ state: "queued", acknowledgedAt: null });
    expect((await ask(linkOf(recipientId), "PUT")).status).toBe(405);
  });

  test("200: the button acknowledges, for the person, on record; again, it says when that was", async () => {
    const { person, recipientId } = await aPerson();
    const first = await ask(linkOf(recipientId), "POST");
    expect(first).toMatchObject({ status: 200, body: expect.stringContaining("Thank you") });
    const after = await recipient(recipientId);
    expect(after).toMatchObject({ state: "acknowledged", acknowledgedVia: "link", nextAt: null });
    for (const method of ["POST", "GET"]) {
      const again = await ask(linkOf(recipientId), method);
      expect(again).toMatchObject({ status: 200, body: expect.stringContaining("Already received") });
      expect(again.body).not.toContain("<form");
    }
    expect((await recipient(recipientId)).acknowledgedAt).toBe(after.acknowledgedAt);
    const trail = (await here.trail(uuidOf(recipientId))).filter(({ event }) => event === "acknowledge");
    expect(trail).toMatchObject([{ actor_kind: "system", on_behalf_of: person.id, changed: true }]);
  });

  test("200: many buttons pressed at once are one acknowledgement", async () => {
    const { recipientId } = await aPerson();
    const answers = await Promise.all([1, 2, 3, 4].map(() => ask(linkOf(recipientId), "POST")));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(answers.filter(({ body }) => body.includes("Thank you"))).toHaveLength(1);
  });

  test("200: links of the key before the current one are good as long as it stands there", async () => {
    const { recipientId } = await aPerson();
    expect((await ask(linkOf(recipientId, [old]))).status).toBe(200);
    expect((await ask(linkOf(recipientId, [{ key: new Uint8Array(32).fill(1) }]))).status).toBe(404);
  });

  test("404: altered, of nobody, of another organisation: the same page, and nothing happens", async () => {
    const { recipientId } = await aPerson();
    const there = await place();
    const right = linkOf(recipientId);
    const token = right.split("/").at(-1) as string;
    const other = token[5] === "A" ? "B" : "A";
    const wrong = [
      right.replace(token, token.slice(0, 5) + other + token.slice(6)),
      right.slice(0, -1),
      `${right}A`,
      right.replace(here.slug, there.slug),
      linkOf(recipientId, [current], there),
      linkOf(recipientId, [current], there).replace(there.slug, here.slug),
      linkOf(idOf("dre", crypto.randomUUID())),
      right.replace(here.slug, "nobody-here"),
      `/r/${here.slug}/..%2f..%2fv1`,
      `/r/%00/${token}`,
    ];
    const pages = new Set<string>();
    for (const path of wrong)
      for (const method of ["GET", "POST"]) {
        const answer = await ask(path, method);
        expect([path, method, answer.status]).toEqual([path, method, 404]);
        pages.add(answer.body);
      }
    expect(pages.size).toBe(1);
    expect((await recipient(recipientId)).state).toBe("queued");
  });

  test("429 rate_limited: who tries many that lead nowhere, or asks too often", async () => {
    const limited = await startServer({
      redis: null,
      env: { SEAL_KEYS: inSettings([current]), RATE_AUTH: "3", RATE_WRITE: "2" },
    });
    const { recipientId } = await aPerson();
    const press = () => fetch(limited.url + linkOf(recipientId), { method: "POST" });
    expect([(await press()).status, (await press()).status, (await press()).status]).toEqual([200, 200, 429]);
    const statuses: number[] = [];
    for (let n = 0; n < 5; n += 1) statuses.push((await fetch(`${limited.url}/r/nobody/${"A".repeat(43)}`)).status);
    expect([statuses[0], statuses.at(-1)]).toEqual([404, 429]);
  });

  test("200: however many others ask from the same address, and whatever they try; a refusal is a page for who asks for pages", async () => {
    const limited = await startServer({
      redis: null,
      env: { SEAL_KEYS: inSettings([current]), RATE_AUTH: "3", RATE_WRITE: "2" },
    });
    const press = (path: string) => fetch(limited.url + path, { method: "POST", headers: { accept: "text/html" } });
    const all = await Promise.all([1, 2, 3, 4].map(aPerson));
    for (const { recipientId } of all) expect((await press(linkOf(recipientId))).status).toBe(200);
    const wrong = linkOf(all[0]?.recipientId as string, [old]);
    const statuses: number[] = [];
    for (let n = 0; n < 5; n += 1) statuses.push((await press(wrong)).status);
    expect(statuses).toEqual([404, 404, 404, 429, 429]);
    const one = linkOf(all[0]?.recipientId as string);
    expect((await press(one)).status).toBe(200);
    const refused = await press(one);
    expect(refused.status).toBe(429);
    expect(refused.headers.get("content-type")).toContain("text/html");
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await fetch(limited.url + one)).status).toBe(200);
  });

  test("on a phone, without scripts: one button, in both directions, which acknowledges", async () => {
    const { recipientId } = await aPerson();
    const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
    try {
      const phone = await browser.newContext({ viewport: { width: 360, height: 640 }, javaScriptEnabled: false });
      const page = await phone.newPage();
      const refused: string[] = [];
      page.on("console", (message) => refused.push(message.text()));
      await page.goto(server.url + linkOf(recipientId));
      const button = page.getByRole("button");
      expect((await button.boundingBox())?.width).toBeGreaterThan(250);
      expect(await page.evaluate("document.body.scrollWidth")).toBeLessThanOrEqual(360);
      await button.click();
      await page.getByText("Thank you").waitFor();
      expect(refused).toEqual([]);
      expect((await recipient(recipientId)).state).toBe("acknowledged");
    } finally {
      await browser.close();
    }
  });
});
