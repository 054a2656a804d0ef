import type { Server } from "@dais/api/server";
import { record } from "@dais/kernel/audit";
import type { Ctx } from "@dais/kernel/context";
import { task } from "@dais/kernel/task";
import { peopleOfGroups } from "@dais/modules/groups";
import { deputiesOf, peopleOf } from "@dais/modules/people";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Person } from "./support/people.ts";
import { type Place, place } from "./support/place.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";

let server: Server;
let here: Place;
let api: RestClient;
let a: Person;
let b: Person;
let gone: Person;

beforeAll(async () => {
  server = await startServer();
});
beforeEach(async () => {
  here = await place();
  api = restClient(server.url, await here.key());
  [a, b] = [await here.person({ name: "A" }), await here.person({ name: "B" })];
  gone = await here.person({ name: "Gone", disabled: true });
});

/** What another module gets from within its own transaction. */
const ask = <T>(question: (ctx: Ctx) => Promise<T>) =>
  server.kernel.perform(
    task({
      name: "tests.ask",
      action: "test.ask",
      run: async (ctx: Ctx) => {
        record(ctx, { resource: { type: "test", id: null }, changed: false });
        return question(ctx);
      },
    }),
    { tenantId: here.tenantId, requestId: "a-test-of-a-module" },
    null,
  );
const never = "per_01kejc8ht0e6ssypg6m30swm9g";
const set = (person: Person, deputies: [Person, string, string][]) =>
  api.post(`/people/${person.id}/set-deputies`, {
    version: 1,
    deputies: deputies.map(([{ id }, fromDay, toDay]) => ({ personId: id, fromDay, toDay })),
  });
const group = async (name: string, members: string[]) => {
  const { id } = (await api.post("/groups", { name: { en: name }, ownerId: a.id })).body;
  for (const memberId of members) await api.post(`/groups/${id}/add-member`, { memberId });
  return id as string;
};

describe("peopleOf", () => {
  test("those who exist in the organisation, shut out or not", async () => {
    const theirs = await (await place()).person();
    const found = await ask((ctx) => peopleOf(ctx, [a.id, gone.id, never, theirs.id, a.id]));
    expect([...(found ?? [])].map(([id, { name }]) => [id, name.en]).sort()).toEqual(
      [
        [a.id, "A"],
        [gone.id, "Gone"],
      ].sort(),
    );
    expect(await ask((ctx) => peopleOf(ctx, []))).toEqual(new Map());
  });
});

describe("deputiesOf", () => {
  test("who stands in on a day, the first and the last one included, who is shut out left out", async () => {
    await set(a, [
      [b, "2026-02-02", "2026-02-06"],
      [b, "2026-03-02", "2026-03-02"],
    ]);
    const on = async (day: string) => (await ask((ctx) => deputiesOf(ctx, [a.id, b.id, never], day)))?.get(a.id);
    for (const day of ["2026-02-02", "2026-02-04", "2026-02-06", "2026-03-02"]) expect(await on(day)).toEqual([b.id]);
    for (const day of ["2026-02-01", "2026-02-07", "2026-03-03"]) expect(await on(day)).toEqual([]);
    await api.post(`/people/${b.id}/disable`, { reason: "Left the company." });
    expect(await on("2026-02-04")).toEqual([]);
    expect(await ask((ctx) => deputiesOf(ctx, [b.id], "2026-02-04"))).toEqual(new Map([[b.id, []]]));
  });
});

describe("peopleOfGroups", () => {
  test("everybody once, over all of them and groups in them; nobody in one that is deleted, or another organisation's", async () => {
    const inner = await group("Inner", [a.id, gone.id]);
    const [outer, other] = [await group("Outer", [inner, b.id]), await group("Other", [a.id])];
    const who = async (...ids: string[]) => (await ask((ctx) => peopleOfGroups(ctx, ids)))?.toSorted();
    expect(await who(outer, other)).toEqual([a.id, b.id].sort());
    expect(await who(inner)).toEqual([a.id]);
    await api.post(`/groups/${inner}/delete`, { version: 1 });
    expect(await who(inner)).toEqual([]);
    expect(await who(outer)).toEqual([b.id]);
    expect(await who()).toEqual([]);
    const mine = here;
    here = await place();
    expect(await who(outer)).toEqual([]);
    here = mine;
  });
});
