import { beforeAll, describe, expect, inject, test, vi } from "vitest";
import { type ActionRoom, actionRoom, dayAfter } from "./support/actions.ts";
import { asOwner } from "./support/owner.ts";
import { proxy, type Wire } from "./support/proxy.ts";
import type { Reply } from "./support/rest.ts";
import { startServer } from "./support/server.ts";

let wire: Wire;
let room: ActionRoom;

beforeAll(async () => {
  const { host, port, ...rest } = inject("login");
  // Those of calls: whoever hears of events has another name.
  const ofCalls = "application_name\0dais\0";
  wire = await proxy(host.startsWith("/") ? { path: `${host}/.s.PGSQL.${port}` } : { host, port }, ofCalls);
  // One connection for calls, so that what is prepared once is prepared for all.
  const { url } = await startServer({
    connection: { ...rest, host: wire.host, port: wire.port },
    env: { DATABASE_CONNECTIONS: "2" },
  });
  room = await actionRoom(url);
  // That a key was used is written once in a while, on a connection of calls.
  await room.made();
  const used = () =>
    asOwner()`select 1 from api_keys where tenant_id = ${room.here.tenantId} and last_used_at is not null`;
  await vi.waitUntil(async () => (await used()).length > 0, { timeout: 30_000 });
});

/** Exchanges with Postgres of the last of several calls: those before have prepared its statements. */
async function counted(call: () => Promise<Reply>): Promise<number> {
  for (let warm = 0; warm < 6; warm += 1) expect((await call()).status).toBeLessThan(300);
  wire.reset();
  expect((await call()).status).toBeLessThan(300);
  return wire.exchanges();
}

describe("exchanges with Postgres, warm", () => {
  test.each(["", "/mine", "/team", "/figures", "?overdue=true&priority=high", "?watcherId=me"])(
    "a read of /actions%s: 1",
    async (path) => {
      const hers = await room.as(room.officer);
      expect(await counted(() => hers.get(`/actions${path}`))).toBe(1);
    },
  );

  test.each(["", "/history", "/checklist", "/notes", "/evidence", "/watchers"])(
    "a read of one action%s: 1",
    async (path) => {
      const { id } = await room.made();
      expect(await counted(() => room.api.get(`/actions/${id}${path}`))).toBe(1);
    },
  );

  test("a command: 2", async () => {
    const said = { title: "A", classification: "internal", ownerId: room.officer.id, dueDay: dayAfter(1) };
    expect(await counted(() => room.api.post("/actions", said))).toBe(2);
    const { id } = await room.made();
    let version = 1;
    const edit = async () => {
      const answer = await room.api.patch(`/actions/${id}`, {
        version,
        title: `${version}`,
        dueDay: dayAfter(version),
      });
      version = answer.body.version;
      return answer;
    };
    expect(await counted(edit)).toBe(2);
    expect(await counted(() => room.api.post(`/actions/${id}/add-note`, { body: "A" }))).toBe(2);
    const item = (await room.api.post(`/actions/${id}/add-item`, { text: "A" })).body.id;
    expect(await counted(() => room.api.post(`/actions/${id}/tick`, { itemId: item }))).toBe(2);
  });

  test("an edit that comes late: 3, and two hundred edits no more than one, in time or late", {
    timeout: 240_000,
  }, async () => {
    const { id } = await room.made();
    await room.api.patch(`/actions/${id}`, { version: 1, title: "Moved on" });
    expect(await counted(() => room.api.patch(`/actions/${id}`, { version: 1, title: "Moved on" }))).toBe(3);
    const sent: { inTime: number; late: number }[] = [];
    for (const many of [10, 200]) {
      const ids: string[] = [];
      for (let n = 0; n < many; n += 1) ids.push((await room.made()).id);
      let now = 1;
      /** Edits all of them, upon a version that is so much older than the one of now. */
      const edited = async (outcome: string, fields: object, late = 0) => {
        const items = ids.map((one) => ({ id: one, version: now - late, ...fields }));
        const answer = await room.api.post("/actions/update-many", { items });
        expect(answer.body.items.map((item: Reply["body"]) => item.outcome)).toEqual(ids.map(() => outcome));
        now += 1;
        return answer;
      };
      const exchanges = await counted(() => edited("changed", { title: `A ${now}`, dueDay: dayAfter(now) }));
      const inTime = wire.statements();
      // Each time somebody else has changed the priority first.
      for (let warm = 0; warm < 6; warm += 1) {
        await edited("changed", { priority: warm % 2 ? "high" : "low" });
        wire.reset();
        await edited("merged", { title: `B ${now}` }, 1);
      }
      if (many === 10) expect([exchanges, wire.exchanges()]).toEqual([2, 3]);
      sent.push({ inTime, late: wire.statements() });
    }
    expect(sent[1]).toEqual(sent[0]);
  });
});
