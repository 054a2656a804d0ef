import type { Server } from "@dais/api/server";
import { idOf } from "@dais/contracts/kit/ids";
import { task } from "@dais/kernel/task";
import { type Notice, notify } from "@dais/modules/notifications";
import { beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { setNotification, setRecipient } from "./support/notifications.ts";
import { asOwner } from "./support/owner.ts";
import { type Place, place } from "./support/place.ts";
import { restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";
import { listen } from "./support/streams.ts";
import type { Home } from "./support/things.ts";

let server: Server;
let here: Place;
let home: Home;
beforeAll(async () => {
  server = await startServer();
});
beforeEach(async () => {
  here = await place();
  home = { place: here, api: as(await here.key()) };
});
const as = (credential: string | null) => restClient(server.url, credential);
const somebody = async (clearance = "secret") => {
  const person = await here.person({ roles: [], clearance });
  const credential = await person.session();
  return { person, credential, api: as(credential) };
};
const titles = ({ items }: { items: { title: string }[] }) => items.map(({ title }) => title);
const tell = (notices: Notice[]) =>
  server.kernel.perform(
    task({ name: "notifications.tell", action: "notification.tell", quiet: true, run: notify }),
    { tenantId: here.tenantId, requestId: "request-of-the-test" },
    notices,
  );
const notice = async (person: { id: string }, more: Partial<Notice> = {}): Promise<Notice> => ({
  ...{
    personId: person.id,
    recipientId: await setRecipient(home.api, { personIds: [person.id] }),
    title: "Flood",
    body: "Go.",
  },
  ...{ language: "en", classification: "internal", ...more },
});

describe("notifications.list", () => {
  test("200: one's own, newest first, page by page, within the clearance", async () => {
    const { person, api } = await somebody("internal");
    const at = (n: number) => new Date(Date.UTC(2026, 0, 6, n));
    for (const n of [1, 2, 3]) await setNotification(home, { person, title: `Number ${n}`, createdAt: at(n) });
    await setNotification(home, { person, title: "Above", classification: "secret" });
    await setNotification(home, { title: "Somebody else's" });
    const first = (await api.get("/notifications?limit=2")).body;
    expect(titles(first as never)).toEqual(["Number 3", "Number 2"]);
    const rest = (await api.get(`/notifications?limit=2&cursor=${first.nextCursor}`)).body;
    expect([titles(rest as never), rest.nextCursor]).toEqual([["Number 1"], null]);
  });

  test("200: only what isn't read, or only what is", async () => {
    const { person, api } = await somebody();
    await setNotification(home, { person, title: "Old", readAt: new Date() });
    await setNotification(home, { person, title: "New" });
    expect(titles((await api.get("/notifications?unread=true")).body as never)).toEqual(["New"]);
    expect(titles((await api.get("/notifications?unread=false")).body as never)).toEqual(["Old"]);
  });

  test("200: a key has none", async () => {
    await setNotification(home);
    expect((await as(await here.key()).get("/notifications")).body).toEqual({ items: [], nextCursor: null });
  });

  test("200: somebody who was told finds it at once, hears of it alone, and is told once", async () => {
    const [one, other] = [await somebody(), await somebody()];
    const streams = await Promise.all(
      [one, other].map(({ credential }) => listen(`${server.url}/v1/events/stream`, credential)),
    );
    const [mine, theirs] = [await notice(one.person), await notice(other.person, { title: "Fire" })];
    expect(await tell([mine, theirs])).toEqual(new Set([mine.recipientId, theirs.recipientId]));
    expect(await tell([mine])).toEqual(new Set());
    expect((await one.api.get("/notifications")).body.items).toMatchObject([
      { recipientId: mine.recipientId, title: "Flood", body: "Go.", language: "en", readAt: null },
    ]);
    for (const [n, { person }] of [one, other].entries())
      await vi.waitFor(
        () => {
          const heard = streams[n]?.sent.filter(({ data }) => data?.type === "notification.created") ?? [];
          expect(heard.map(({ data }) => data.data.personId)).toEqual([person.id]);
        },
        { timeout: 20_000, interval: 50 },
      );
  });
});

describe("notifications.read", () => {
  test("200: read, on record and told; again, and it changes nothing", async () => {
    const { person, api } = await somebody();
    const id = await setNotification(home, { person });
    const first = await api.post(`/notifications/${id}/read`);
    expect(first).toMatchObject({
      status: 200,
      body: { changed: true, notification: { id, readAt: expect.any(String) } },
    });
    const again = await api.post(`/notifications/${id}/read`);
    expect(again.body).toEqual({ ...first.body, changed: false });
    const trail = (await here.trail()).filter(({ operation }) => operation === "notifications.read");
    expect(trail.map(({ changed }) => changed)).toEqual([true, false]);
    const events = await asOwner()`
      select name, payload from outbox where tenant_id = ${here.tenantId} and resource_type = 'notification'`;
    expect(events).toMatchObject([{ name: "notification.read", payload: { id, personId: person.id } }]);
  });

  test("404 notification_not_found: somebody else's, one above the clearance, and any for a key", async () => {
    const { person, api } = await somebody("internal");
    const ids = [
      await setNotification(home),
      await setNotification(home, { person, classification: "secret" }),
      idOf("ntf", crypto.randomUUID()),
    ];
    for (const id of ids)
      expect(await api.post(`/notifications/${id}/read`)).toMatchObject({
        status: 404,
        body: { code: "notification_not_found" },
      });
    const own = await setNotification(home, { person });
    expect((await as(await here.key()).post(`/notifications/${own}/read`)).status).toBe(404);
  });
});
