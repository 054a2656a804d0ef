import { uuidOf } from "@dais/contracts/kit/ids";
import { beforeAll, describe, expect, test } from "vitest";
import { type ActionRoom, actionRoom } from "./support/actions.ts";
import { asOwner } from "./support/owner.ts";
import { chances, phone, type Told } from "./support/phones.ts";
import { restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";

let urls: string[];
let room: ActionRoom;
beforeAll(async () => {
  urls = [(await startServer()).url, (await startServer()).url];
  room = await actionRoom(urls[0] as string);
});

/** `PHONES_SECONDS=60`: for a minute, instead of so many edits. */
const seconds = Number(process.env.PHONES_SECONDS ?? 0);
const edits = 40;

type Change = { field: string; before: string; after: string; by: string };

/** What the record says was changed, in its order. */
async function recorded(id: string): Promise<Change[]> {
  const rows = await asOwner()`
    select actor_id, changes from audit where resource_id = ${uuidOf(id)} and outcome = 'done' and changed and changes is not null order by seq`;
  return rows.flatMap(({ actor_id, changes }) =>
    Object.entries(changes as Record<string, [string, string]>)
      .filter(([field]) => !["version", "updatedAt"].includes(field))
      .map(([field, [before, after]]) => ({ field, before, after, by: actor_id as string })),
  );
}

/** Of each value that a field was given by somebody: how often. */
const counted = (changes: readonly { field: string; value: string }[]) =>
  [...Map.groupBy(changes, ({ field, value }) => `${field}: ${value}`)].map(([key, its]) => [key, its.length]).sort();

describe("two phones that edit one action while 30 of 100 answers are lost", () => {
  test.each([1, 2, 3].slice(0, seconds > 0 ? 1 : 3))(
    "every edit is made once or refused, and none is lost in silence: seed %i",
    { timeout: 60_000 + seconds * 2000 },
    async (seed) => {
      const { id } = await room.made({ details: "As it was." });
      const people = [room.officer, room.chief];
      const end = Date.now() + seconds * 1000;
      const more = (n: number) => (seconds > 0 ? Date.now() < end : n < edits);
      const told = await Promise.all(
        people.map(async (person, n) => {
          // Each by another process.
          const line = { api: restClient(urls[n] as string, await person.session()), chance: chances(seed * 10 + n) };
          return phone(line, `phone ${n}`, id, more);
        }),
      );
      const changes = await recorded(id);

      // Each field's changes follow upon each other: nobody wrote over what they hadn't seen.
      for (const its of Map.groupBy(changes, ({ field }) => field).values())
        for (const [n, { before }] of its.entries()) if (n > 0) expect(before).toBe(its[n - 1]?.after);

      for (const [n, person] of people.entries()) {
        const mine = told[n] as Told[];
        expect(new Set(mine.map(({ status }) => status)), `phone ${n}`).toEqual(new Set([200, 412]));
        expect(
          mine.some(({ merged }) => merged),
          `phone ${n}`,
        ).toBe(true);
        const done = changes.filter(({ by }) => by === person.id).map(({ field, after: value }) => ({ field, value }));
        const made = counted(mine.filter(({ status }) => status === 200));
        const refused = counted(mine.filter(({ status, field }) => status === 412 && field !== "priority"));
        // What it was told was made is on record as often as it was told, but for what was so already; what was refused isn't.
        const words = ([key]: (string | number)[]) => !String(key).startsWith("priority");
        expect(counted(done).filter(words)).toEqual(made.filter(words));
        expect(counted(done).filter(([key]) => refused.some(([other]) => other === key))).toEqual([]);
      }
      const { body } = await room.api.get(`/actions/${id}`);
      expect(body.version).toBe(1 + (await versions(id)));
      for (const field of ["title", "details", "priority"] as const)
        expect(body[field]).toBe(changes.findLast((change) => change.field === field)?.after ?? body[field]);
      if (seconds > 0) process.stdout.write(`${summary(told.flat())}\n`);
    },
  );
});

const versions = async (id: string): Promise<number> => {
  const [row] =
    await asOwner()`select count(*)::int as n from outbox where resource_id = ${uuidOf(id)} and name = 'action.updated'`;
  return row?.n as number;
};

const summary = (told: readonly Told[]) => {
  const of = (fits: (one: Told) => boolean) => told.filter(fits).length;
  return `${told.length} edits: ${of(({ status, merged }) => status === 200 && !merged)} made as they came, ${of(({ merged }) => merged)} merged, ${of(({ status }) => status === 412)} refused`;
};
