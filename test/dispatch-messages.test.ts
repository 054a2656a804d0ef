import { uuidOf } from "@dais/contracts/kit/ids";
import { recall } from "@dais/modules/dispatches/sending";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { newBrowser, walk } from "./support/browser.ts";
import { type DispatchRoom, dispatchRoom, setAttempt } from "./support/dispatches.ts";
import { type Identity, somebody, startIdentity } from "./support/identity.ts";
import { makeJar } from "./support/jar.ts";
import { asOwner } from "./support/owner.ts";
import { restClient } from "./support/rest.ts";
import { layla, session, visit } from "./support/visits.ts";

let identity: Identity;
let room: DispatchRoom;
beforeAll(async () => {
  identity = await startIdentity({
    people: [somebody(), somebody({ name: "Omar Said", preferredUsername: "omar@rimal.example" })],
  });
});
beforeEach(async () => {
  room = await dispatchRoom(identity.url);
});

/** Has somebody told something; answers with them as a recipient. */
async function told(
  to: { id: string },
  fields: object = {},
  at: DispatchRoom = room,
): Promise<{ id: string; dispatchId: string }> {
  const { id } = await at.made({ audience: { personIds: [to.id] }, ...fields });
  const [recipient] = await at.recipientsOf(id);
  return recipient as { id: string; dispatchId: string };
}
const path = ({ id }: { id: string }) => `/dispatch-recipients/${id}/message`;
const missing = { status: 404, body: { code: "dispatch_recipient_not_found" } };
const reader = async (clearance = "secret") => {
  const person = await room.here.person({ roles: [], clearance });
  return { person, api: restClient(identity.url, await person.session()) };
};
const inArabic = ({ id }: { id: string }) =>
  asOwner()`update people set language = 'ar', name_ar = 'ليلى' where id = ${uuidOf(id)}`;

describe("dispatchRecipients.message", () => {
  test("200: the whole text in their language, though no channel may carry it; with the link by which they confirm", async () => {
    const { person, api } = await reader();
    await inArabic(person);
    const values = { en: { site: "Hall 4" }, ar: { site: "القاعة <b>٤</b> {{name}}" } };
    const recipient = await told(person, { classification: "confidential", values });
    const { status, body } = await api.get(path(recipient));
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { id: recipient.id, language: "ar", classification: "confidential", acknowledgedAt: null },
    });
    expect(body.title).toMatch(/القاعة <b>٤<\/b> {{name}}$/);
    expect(body.body).toContain("عزيزي ليلى");
    expect(body.body).toContain(body.link);
    const page = await fetch(identity.url + new URL(body.link).pathname, { method: "POST" });
    expect(page.status).toBe(200);
    expect((await api.get(path(recipient))).body.acknowledgedAt).not.toBeNull();
  });

  test("200: what is of the highest level is on record as read before it is told", async () => {
    const { person, api } = await reader();
    const recipient = await told(person, { classification: "secret" });
    expect((await api.get(path(recipient))).status).toBe(200);
    const read = await asOwner()`select actor_id, classification from audit
      where tenant_id = ${room.here.tenantId} and outcome = 'read' and operation = 'dispatchRecipients.message'`;
    expect(read).toEqual([{ actor_id: person.id, classification: "secret" }]);
  });

  test("404 for everybody else, whatever they may read; for a key; and above their own clearance", async () => {
    const { person, api } = await reader();
    const recipient = await told(person, { classification: "internal" });
    const other = await reader();
    const admin = restClient(identity.url, await (await room.here.person({ roles: ["administrator"] })).session());
    for (const one of [other.api, admin, room.api]) expect(await one.get(path(recipient))).toMatchObject(missing);
    expect((await api.get(path(recipient))).status).toBe(200);
    await asOwner()`update people set clearance = 'public' where id = ${person.uuid}`;
    const lowered = restClient(identity.url, await person.session());
    expect(await lowered.get(path(recipient))).toMatchObject(missing);
  });

  test("404: what was only rehearsed, and what was taken back before anything of it was sent", async () => {
    const { person, api } = await reader();
    expect(await api.get(path(await told(person, { drill: true })))).toMatchObject(missing);
    const recipient = await told(person);
    expect((await api.get(path(recipient))).status).toBe(200);
    room.done(await room.api.post(`/dispatches/${recipient.dispatchId}/stop`, { reason: "It is dry again." }));
    const on = { tenantId: room.here.tenantId, requestId: "request-of-the-test" };
    await identity.server.kernel.perform(recall, on, uuidOf(recipient.dispatchId));
    expect(await api.get(path(recipient))).toMatchObject(missing);
    await setAttempt(room.here, recipient);
    expect((await api.get(path(recipient))).status).toBe(200);
  });
});

describe("the page of a message", () => {
  const pageOf = ({ id }: { id: string }) => `${identity.url}/messages/${id}`;
  const omar = "Omar Said";

  /** Somebody of the directory's organisation who has signed in before, and is told something. */
  async function toldLayla(fields: object = {}) {
    const { api } = await session(identity, [layla]);
    const own = await dispatchRoom(identity.url, identity.place);
    return told({ id: (await api.get("/me")).body.actor.id }, fields, own);
  }

  test("from the message's link by way of signing in: text and nothing else, with the way to confirm it", async () => {
    const evil = '<img src=x onerror="alert(1)">\n\nsecond';
    const recipient = await toldLayla({ values: { en: { site: evil } } });
    const { api } = await session(identity, [layla]);
    const { link } = (await api.get(path(recipient))).body;
    const browser = newBrowser({ jar: makeJar() });
    const page = await walk(identity.url + new URL(link).pathname, ["Sign in to read it", layla], browser);
    expect([page.status, page.url]).toEqual([200, pageOf(recipient)]);
    expect(page.body).toContain("&lt;img src=x onerror=");
    expect(page.body).not.toMatch(/<img|<script|src="/);
    expect(page.body).toMatch(/<article lang="en" dir="ltr">/);
    expect(page.body).toContain(`href="${new URL(link).pathname}"`);
    expect((await api.get(path(recipient))).body.acknowledgedAt).toBeNull();
  });

  test("303 to sign in, for a message that there is and one that there isn't", async () => {
    const recipient = await toldLayla();
    for (const id of [recipient.id, recipient.id.replace(/.{4}$/, "zzzz"), "nothing"]) {
      const { status, headers, body } = await visit(pageOf({ id }));
      expect({ status, body }).toEqual({ status: 303, body: "" });
      expect(headers.get("location")).toBe(`/auth/sign-in?returnTo=${encodeURIComponent(`/messages/${id}`)}`);
    }
  });

  test("404: one and the same page for somebody else's, for none, and for what is no id", async () => {
    const recipient = await toldLayla();
    const { jar } = await session(identity, [omar]);
    const pages = await Promise.all(
      [recipient.id, recipient.id.replace(/.{4}$/, "zzzz"), "nothing"].map((id) => visit(pageOf({ id }), { jar })),
    );
    expect(pages.map(({ status }) => status)).toEqual([404, 404, 404]);
    expect(new Set(pages.map(({ body }) => body)).size).toBe(1);
    expect(pages[0]?.body).toContain("This link is not valid");
  });

  test("in Arabic from right to left; nobody keeps it, and it loads nothing", async () => {
    const { api, jar } = await session(identity, [layla]);
    const person = (await api.get("/me")).body.actor;
    await inArabic(person);
    const recipient = await toldLayla({ values: { en: { site: "Hall 4" }, ar: { site: "القاعة ٤" } } });
    const { body, headers, status } = await visit(pageOf(recipient), { jar });
    expect(status).toBe(200);
    expect(body).toMatch(/<article lang="ar" dir="rtl">/);
    expect(headers.get("content-security-policy")).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
    );
    expect(Object.fromEntries(headers)).toMatchObject({
      ...{
        "referrer-policy": "no-referrer",
        "cache-control": "no-store",
        "x-robots-tag": "noindex, nofollow, noarchive",
      },
    });
    await asOwner()`update people set language = null, name_ar = null where id = ${uuidOf(person.id)}`;
  });
});
