import { operations } from "@dais/contracts";
import type { Operation } from "@dais/contracts/kit/derive";
import { uuidOf } from "@dais/contracts/kit/ids";
import { afterEach, describe, expect, test } from "vitest";
import { dyingServer } from "./support/dying.ts";
import { type Face, faces, type Said } from "./support/faces/speak.ts";
import { asOwner } from "./support/owner.ts";
import { because, type PostureRoom, postureRoom } from "./support/posture.ts";
import { spawnServer } from "./support/process.ts";
import { cleanUp } from "./support/programs.ts";
import { restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";

afterEach(cleanUp);

const operation = operations.get("posture.confirm") as Operation;
const times = <T>(n: number, make: (n: number) => T) => Array.from({ length: n }, (_, at) => make(at));
/** High enough that nobody is turned away for being one of many. */
const env = { MOST_IN_FLIGHT: "20000", MOST_IN_FLIGHT_TENANT: "20000" };

/** What became of a change: its row, its moves on record, what was told of it, and what holds because of it. */
async function traces({ here }: PostureRoom, id: string) {
  const sql = asOwner();
  const of = [here.tenantId, uuidOf(id)] as const;
  const [row] = await sql`select state, version from posture_changes where tenant_id = ${of[0]} and id = ${of[1]}`;
  const [counts] = await sql`select
    (select count(*)::int from audit where tenant_id = ${of[0]} and resource_id = ${of[1]} and event = 'confirm' and outcome = 'done') as audit,
    (select count(*)::int from outbox where tenant_id = ${of[0]} and resource_id = ${of[1]} and name = 'posture.confirmed') as events,
    (select count(*)::int from posture where tenant_id = ${of[0]} and id = ${of[1]}) as posture`;
  return { ...row, ...counts };
}
const once = { state: "confirmed", version: 2, audit: 1, events: 1, posture: 1 };
const never = { state: "proposed", version: 1, audit: 0, events: 0, posture: 0 };

/** Presses the button, over a face of its own; again with the same key where the machine is too busy to say. */
async function press(url: string, n: number, id: string, key: string): Promise<Said> {
  const face = Object.values(faces)[n % 3] as Face;
  const input = { id, version: 1, reason: because };
  const request = { operation, input, key, idempotencyKey: `press-${n}`, ifMatch: n % 2 === 0 };
  for (let tries = 0; ; tries += 1) {
    const said = (await face(url, request)) as Said;
    if ("output" in said || said.problem.status !== 503 || tries === 5) return said;
  }
}

describe("posture.confirm, by many at once", () => {
  test("1000 racing, by 50 people over two processes and three faces: one move, one entry, one event, one posture", {
    timeout: 180_000,
  }, async () => {
    const urls = await Promise.all(times(2, async () => (await spawnServer({ env })).url));
    const room = await postureRoom(urls[0] as string);
    const { id } = await room.proposed(await room.as(room.officer), { level: "high" });
    const people = await Promise.all(times(50, () => room.here.person({ roles: ["executive", "approver"] })));
    const sessions = await Promise.all(people.map((person) => person.session({ proven: true })));
    // Each process knows everybody already: a thousand sessions to look up at once are another test's.
    for (const key of sessions) for (const url of urls) await restClient(url, key).get("/me");
    const said = await Promise.all(times(1000, (n) => press(urls[n % 2] as string, n, id, sessions[n % 50] as string)));
    const codes = new Map<unknown, number>();
    for (const one of said) {
      const code = "output" in one ? "done" : one.problem.code;
      codes.set(code, (codes.get(code) ?? 0) + 1);
    }
    expect(codes.get("done")).toBe(1);
    expect(
      [...codes.keys()].filter((code) => !["done", "posture_changed", "posture_wrong_state"].includes(String(code))),
    ).toEqual([]);
    expect(await traces(room, id)).toEqual(once);
  });

  test("200 racing over 20 proposals of one posture: each that won has its row, and the last one holds", {
    timeout: 120_000,
  }, async () => {
    const urls = await Promise.all(times(2, async () => (await spawnServer({ env })).url));
    const room = await postureRoom(urls[0] as string);
    const officer = await room.as(room.officer);
    const levels = ["elevated", "high", "critical"];
    const ids: string[] = [];
    for (const n of times(20, (at) => at))
      ids.push((await room.proposed(officer, { level: levels[n % 3] as string })).id);
    const session = await room.chief.session({ proven: true });
    const answers = await Promise.all(
      times(200, (n) =>
        restClient(urls[n % 2] as string, session).post(`/posture/changes/${ids[n % 20]}/confirm`, {
          version: 1,
          reason: because,
        }),
      ),
    );
    const won = answers.filter(({ status }) => status === 200).map(({ body }) => body.id);
    expect(won).toHaveLength(1);
    for (const { status } of answers) expect([200, 409, 412]).toContain(status);
    const states =
      await asOwner()`select state, count(*)::int from posture_changes where tenant_id = ${room.here.tenantId} group by 1 order by 1`;
    expect(states.map(({ state, count }) => [state, count])).toEqual([
      ["confirmed", 1],
      ["superseded", 19],
    ]);
    expect(await room.current()).toMatchObject({ id: won[0] });
  });
});

describe("posture.confirm, killed in the middle", () => {
  test.each([
    ["as it begins", "begin read write"],
    ["with the posture held", "posture levels"],
    ["in the move", "had_a_hand"],
    ["with the history written", "insert into posture ("],
    ["with the others overtaken", '"posture_changes" t set'],
    ["with the commit under way", "commit"],
  ])("%s: nothing is half-done, and the retry finishes it", { timeout: 60_000 }, async (_, needle) => {
    const { url } = await startServer();
    const room = await postureRoom(url);
    const { id } = await room.proposed(await room.as(room.officer), { level: "high" });
    const other = await room.proposed(await room.as(room.officer), { level: "critical" });
    const session = await room.chief.session({ proven: true });
    const dying = await dyingServer((bytes) => bytes.includes(needle));
    const press = (at: string) =>
      restClient(at, session).post(
        `/posture/changes/${id}/confirm`,
        { version: 1, reason: because },
        { "idempotency-key": "press" },
      );
    await expect(press(dying.url)).rejects.toThrow();
    const done = needle === "commit" ? once : never;
    await expect.poll(() => traces(room, id), { timeout: 20_000 }).toEqual(done);

    const retry = await press(url);
    expect(retry).toMatchObject({ status: 200, body: { state: "confirmed", version: 2 } });
    expect(retry.headers.get("idempotency-replayed")).toBe(needle === "commit" ? "true" : null);
    expect(await traces(room, id)).toEqual(once);
    expect(await room.change(other.id)).toMatchObject({ state: "superseded" });
  });
});
