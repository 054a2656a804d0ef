import { operations } from "@dais/contracts";
import type { Operation } from "@dais/contracts/kit/derive";
import { uuidOf } from "@dais/contracts/kit/ids";
import { beforeAll, describe, expect, test } from "vitest";
import { type ActionRoom, actionRoom, dayAfter, refused } from "./support/actions.ts";
import { type Face, faces, type Said } from "./support/faces/speak.ts";
import { asOwner } from "./support/owner.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";

let url: string;
let room: ActionRoom;
let hers: RestClient;
let his: RestClient;
beforeAll(async () => {
  url = (await startServer()).url;
  room = await actionRoom(url);
  [hers, his] = [await room.as(room.officer), await room.as(room.chief)];
});

const edit = (by: RestClient, id: string, version: number, fields: object, headers = {}) =>
  by.patch(`/actions/${id}`, { version, ...fields }, headers);
const waitingOf = async (id: string) =>
  (await asOwner()`select * from waiting where resource_id = ${uuidOf(id)}`)[0] as Record<string, unknown>;
const eventsOf = async (id: string) =>
  (await asOwner()`select name, payload from outbox where resource_id = ${uuidOf(id)} order by seq`).map((row) => ({
    ...row,
  }));

describe("actions.update", () => {
  test("200: changes what is said, keeps the rest, and clears with null", async () => {
    const { id } = await room.made({ dueDay: dayAfter(2), details: "As it was." });
    const wanted = { title: "Call them", priority: "high", dueDay: null };
    const after = await edit(hers, id, 1, wanted);
    expect(after).toMatchObject({
      status: 200,
      body: { ...wanted, dueAt: null, details: "As it was.", version: 2, merged: false },
    });
    expect(after.headers.get("etag")).toBe('"2"');
    expect((await eventsOf(id)).at(-1)).toEqual({
      name: "action.updated",
      payload: { id, fields: ["title", "priority", "dueDay"] },
    });
  });

  test("200: what is so already changes nothing, and tells nobody", async () => {
    const { id } = await room.made();
    expect((await edit(hers, id, 1, { title: "Call the supplier", deputyIds: [] })).body.version).toBe(1);
    expect(await eventsOf(id)).toHaveLength(1);
    expect(await room.here.trail(uuidOf(id))).toMatchObject([{ changed: true }, { changed: false }]);
  });

  test("200, merged: an edit that comes late is made where nobody has touched its fields since", async () => {
    const { id } = await room.made();
    await edit(his, id, 1, { title: "His" });
    await room.moved(id, ["start"]);
    const late = await edit(hers, id, 1, { priority: "urgent", details: "Hers" });
    expect(late.body).toMatchObject({
      ...{ title: "His", priority: "urgent", details: "Hers", state: "in_progress" },
      ...{ version: 4, merged: true },
    });
    const [entry] = (await room.here.trail(uuidOf(id))).slice(-1);
    expect(entry).toMatchObject({ changes: { priority: ["normal", "urgent"] }, decision: { merged: true } });
  });

  test("200, merged: both wanted the same", async () => {
    const { id } = await room.made();
    await edit(his, id, 1, { title: "Same" });
    expect((await edit(hers, id, 1, { title: "Same" })).body).toMatchObject({ version: 2, merged: true });
  });

  test("412 action_changed: the same field: who changed it to what and when, and the version of now", async () => {
    const { id } = await room.made();
    await edit(his, id, 1, { title: "His", priority: "low" });
    const { body: now } = await room.api.get(`/actions/${id}`);
    const late = await edit(hers, id, 1, { title: "Hers", details: "Hers, too" });
    expect(late).toMatchObject(refused(412, "action_changed", { version: 2, state: "open" }));
    expect(late.body.fields).toEqual([{ field: "title", current: "His", by: room.chief.id, at: now.updatedAt }]);
    expect((await room.api.get(`/actions/${id}`)).body).toEqual(now);
  });

  test("412: a field that was changed there and back has been touched all the same", async () => {
    const { id } = await room.made();
    await edit(his, id, 1, { title: "There" });
    await edit(his, id, 2, { title: "Call the supplier" });
    const late = await edit(hers, id, 1, { title: "Hers" });
    expect(late.body).toMatchObject({ code: "action_changed", fields: [{ field: "title", by: room.chief.id }] });
  });

  test("412: If-Match is never merged, and says all that differs. RFC 9110, 13.1.1", async () => {
    const { id } = await room.made();
    await edit(his, id, 1, { title: "His" });
    // What is beside it is no field of its own.
    await his.post(`/actions/${id}/add-item`, { text: "A step" });
    const late = await hers.patch(`/actions/${id}`, { priority: "high" }, { "if-match": '"1"' });
    expect(late).toMatchObject(refused(412, "action_changed", { version: 2, fields: [{ field: "title" }] }));
    const both = await hers.patch(`/actions/${id}`, { version: 1, priority: "high" }, { "if-match": '"1"' });
    expect(both).toMatchObject(refused(412, "action_changed"));
    expect((await hers.patch(`/actions/${id}`, { priority: "high" }, { "if-match": '"2"' })).body.version).toBe(3);
  });

  test("412: a version that there has never been", async () => {
    const { id } = await room.made();
    expect(await edit(hers, id, 9, { priority: "high" })).toMatchObject(
      refused(412, "action_changed", { version: 1, fields: [] }),
    );
  });

  test("412: people are named to who may see people; programs to everybody", async () => {
    const { id } = await room.made();
    await edit(his, id, 1, { title: "His" });
    const key = await room.here.key({ permissions: ["action.read", "action.update"] });
    const late = await edit(restClient(url, key), id, 1, { title: "Theirs" });
    expect(late.body.fields).toMatchObject([{ field: "title", current: "His", by: null }]);
    await edit(room.api, id, 2, { title: "A program's" });
    const later = await edit(restClient(url, key), id, 1, { title: "Theirs" });
    expect(later.body.fields[0].by).toMatch(/^key_/);
  });

  test("412: nothing is merged where the record of what happened lacks a version", async () => {
    const { id } = await room.made();
    await asOwner()`update actions set version = 2 where id = ${uuidOf(id)}`;
    expect(await edit(hers, id, 1, { title: "Hers" })).toMatchObject(refused(412, "action_changed"));
  });

  test("409 action_wrong_state: what is done, verified or cancelled is not edited", async () => {
    for (const event of ["complete", "cancel"]) {
      const { id } = await room.made();
      await room.moved(id, [event]);
      expect(await edit(hers, id, 2, { title: "Hers" })).toMatchObject(refused(409, "action_wrong_state"));
      // Also where it comes late, and would be merged.
      expect(await edit(hers, id, 1, { title: "Hers" })).toMatchObject(refused(409, "action_wrong_state"));
    }
  });

  test("422: an owner who has left, one who isn't cleared, a day that is over", async () => {
    const { id } = await room.made({ classification: "secret" });
    const [left, low] = [await room.here.person({ disabled: true }), await room.here.person({ clearance: "internal" })];
    expect(await edit(hers, id, 1, { ownerId: left.id })).toMatchObject(refused(422, "action_person_unknown"));
    expect(await edit(hers, id, 1, { ownerId: low.id })).toMatchObject(refused(422, "action_person_uncleared"));
    expect(await edit(hers, id, 1, { dueDay: dayAfter(-1) })).toMatchObject(refused(422, "action_due_day"));
    expect(await edit(hers, id, 1, { deputyIds: [room.officer.id] })).toMatchObject(
      refused(422, "action_deputy_owner"),
    );
  });

  test("422 action_person_unfit: who could do nothing with it, also as one of many edits; who lost the role may stay", async () => {
    const reader = await room.here.person({ roles: ["executive"] });
    const { id } = await room.made({ deputyIds: [room.deputy.id] });
    const problem = refused(422, "action_person_unfit", { personIds: [reader.id] });
    expect(await edit(hers, id, 1, { ownerId: reader.id })).toMatchObject(problem);
    expect(await edit(hers, id, 1, { deputyIds: [reader.id] })).toMatchObject(problem);
    const items = [{ id, version: 1, ownerId: reader.id }];
    expect((await hers.post("/actions/update-many", { items })).body.items).toMatchObject([
      { outcome: "refused", problem: "action_person_unfit" },
    ]);
    await asOwner()`update actions set owner_id = ${reader.uuid} where id = ${uuidOf(id)}`;
    expect((await edit(hers, id, 1, { title: "Whose?" })).status).toBe(200);
  });

  test("422 action_deputy_owner: two edits that fit alone and not together", async () => {
    const { id } = await room.made();
    await edit(his, id, 1, { deputyIds: [room.deputy.id] });
    expect(await edit(hers, id, 1, { ownerId: room.deputy.id })).toMatchObject(refused(422, "action_deputy_owner"));
  });

  test("200: of an owner who has left it can be handed over, and its other fields edited", async () => {
    const leaver = await room.here.person({ roles: ["operational"] });
    const { id } = await room.made({ ownerId: leaver.id, dueDay: dayAfter(1) });
    expect((await room.api.post(`/people/${leaver.id}/disable`, { reason: "Left for good." })).status).toBe(200);
    expect((await edit(his, id, 1, { title: "Whose?" })).status).toBe(200);
    expect((await edit(his, id, 2, { ownerId: room.officer.id })).body.ownerId).toBe(room.officer.id);
    expect((await waitingOf(id)).person_id).toBe(room.officer.uuid);
  });

  test("200: handed over or given another day, it waits for the other person, until then, and since when it did", async () => {
    const { id } = await room.made({ dueDay: dayAfter(2) });
    const before = await waitingOf(id);
    const { body } = await edit(hers, id, 1, { ownerId: room.deputy.id, dueDay: dayAfter(5) });
    expect(await waitingOf(id)).toMatchObject({
      ...{ person_id: room.deputy.uuid, due_at: new Date(body.dueAt), since: before.since, state: "open" },
    });
    expect((await eventsOf(id)).slice(-2).map(({ name }) => name)).toEqual(["action.updated", "action.handed_over"]);
    await edit(hers, id, 2, { dueDay: null });
    expect((await waitingOf(id)).due_at).toBeNull();
  });

  test("200: sent again under its key after others have changed it, it is answered as the first time", async () => {
    const { id } = await room.made();
    const key = { "idempotency-key": crypto.randomUUID() };
    const first = await edit(hers, id, 1, { title: "Hers" }, key);
    await edit(his, id, 2, { title: "His" });
    const again = await edit(hers, id, 1, { title: "Hers" }, key);
    expect(again.body).toEqual(first.body);
    expect((await room.api.get(`/actions/${id}`)).body).toMatchObject({ title: "His", version: 3 });
  });
});

describe("an operation that merges, over every face", () => {
  const operation = operations.get("actions.update") as Operation;
  test.each(Object.entries(faces))("%s: merges what is late, and refuses what collides", async (_, face: Face) => {
    const { id } = await room.made();
    await edit(his, id, 1, { title: "His" });
    const key = await room.here.key();
    const send = async (input: object) =>
      (await face(url, {
        operation,
        input: { id, version: 1, ...input },
        key,
        idempotencyKey: null,
        ifMatch: false,
      })) as Said;
    expect(await send({ title: "Theirs" })).toMatchObject({
      problem: { status: 412, code: "action_changed", version: 2, fields: [{ field: "title", current: "His" }] },
    });
    expect(await send({ priority: "high" })).toMatchObject({ output: { merged: true, title: "His", version: 3 } });
  });

  test("all that say so have an answer that says whether it was, and are described so", async () => {
    const document = (await import("../contracts/openapi.json", { with: { type: "json" } })).default;
    const described = new Map(
      Object.values(document.paths).flatMap((path) =>
        Object.values(path as Record<string, Record<string, unknown>>).map((one) => [one.operationId, one] as const),
      ),
    );
    for (const { path, meta } of operations.values()) {
      const shown = described.get(path) as Record<string, unknown>;
      expect(shown["x-on-stale"], path).toBe(meta.onStale === "merge" ? "merge" : undefined);
    }
  });
});

describe("actions.updateMany", () => {
  test("200: an answer for each, in their order, whatever becomes of the others", async () => {
    const [plain, late, colliding, over, same, hidden] = [
      await room.made(),
      await room.made(),
      await room.made(),
      await room.made(),
      await room.made(),
      await room.made({ classification: "secret" }),
    ].map(({ id }) => id as string) as [string, string, string, string, string, string];
    await edit(his, late, 1, { title: "His" });
    await edit(his, colliding, 1, { priority: "low" });
    await room.moved(over, ["cancel"]);
    const low = restClient(url, await room.here.key({ clearance: "internal" }));
    const wanted = { version: 1, priority: "high" };
    const items = [plain, late, colliding, over, hidden]
      .map((id) => ({ id, ...wanted }))
      .concat([
        { ...wanted, id: same, priority: "normal" },
        { ...wanted, id: await room.made().then(({ id }) => id), dueDay: "1999-01-01" } as never,
      ]);
    const { status, body } = await low.post("/actions/update-many", { items });
    expect(status).toBe(200);
    expect(body.items).toEqual([
      { id: plain, outcome: "changed", version: 2, problem: null, fields: [] },
      { id: late, outcome: "merged", version: 3, problem: null, fields: [] },
      { id: colliding, outcome: "refused", version: 2, problem: "action_changed", fields: ["priority"] },
      { id: over, outcome: "refused", version: 2, problem: "action_wrong_state", fields: [] },
      { id: hidden, outcome: "refused", version: null, problem: "action_not_found", fields: [] },
      { id: same, outcome: "unchanged", version: 1, problem: null, fields: [] },
      { id: items[6]?.id, outcome: "refused", version: 1, problem: "action_due_day", fields: [] },
    ]);
    expect((await room.api.get(`/actions/${late}`)).body).toMatchObject({ title: "His", priority: "high" });
    expect((await room.api.get(`/actions/${hidden}`)).body.version).toBe(1);
  });

  test("200: all refused changes nothing; 400: one twice, none, or more than 200", async () => {
    const { id } = await room.made();
    const item = { id, version: 7, title: "A" };
    const { body } = await room.api.post("/actions/update-many", { items: [item] });
    expect(body.items).toMatchObject([{ outcome: "refused", problem: "action_changed", version: 1 }]);
    const many = Array.from({ length: 201 }, () => item);
    for (const items of [[item, item], [], many])
      expect((await room.api.post("/actions/update-many", { items })).status).toBe(400);
  });

  test("200: two hundred at once, twice over crossing each other: each is changed once", async () => {
    const ids = await Promise.all(Array.from({ length: 200 }, async () => (await room.made()).id as string));
    const wanted = (title: string, some: string[]) => ({ items: some.map((id) => ({ id, version: 1, title })) });
    const answers = await Promise.all([
      room.api.post("/actions/update-many", wanted("one", ids)),
      room.api.post("/actions/update-many", wanted("other", ids.toReversed())),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    const outcomes = answers.map(({ body }) => new Set(body.items.map((item: { outcome: string }) => item.outcome)));
    expect(outcomes.map((set) => [...set]).sort()).toEqual([["changed"], ["refused"]]);
  });
});
