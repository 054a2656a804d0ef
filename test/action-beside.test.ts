import { uuidOf } from "@dais/contracts/kit/ids";
import { beforeAll, describe, expect, test } from "vitest";
import { type ActionRoom, actionRoom, refused } from "./support/actions.ts";
import { asOwner } from "./support/owner.ts";
import { startServer } from "./support/server.ts";

let room: ActionRoom;
beforeAll(async () => {
  room = await actionRoom((await startServer()).url);
});

const post = (id: string, verb: string, body: object) => room.api.post(`/actions/${id}/${verb}`, body);
const told = async (id: string) =>
  (await asOwner()`select name from outbox where resource_id = ${uuidOf(id)} order by seq`).map(({ name }) => name);
const elsewhere = async () => (await room.made()).id as string;

describe("actions.addItem", () => {
  test("200: at the end of the checklist, and the action's version stays", async () => {
    const { id } = await room.made();
    for (const text of ["one", "two", "three"]) await post(id, "add-item", { text });
    const { items } = (await room.api.get(`/actions/${id}/checklist`)).body;
    expect(items.map(({ text }: { text: string }) => text)).toEqual(["one", "two", "three"]);
    expect((await room.api.get(`/actions/${id}`)).body.version).toBe(1);
  });

  test("409 action_checklist_full: after a hundred, also where many add at once", async () => {
    const { id } = await room.made();
    const answers = await Promise.all(Array.from({ length: 104 }, (_, n) => post(id, "add-item", { text: `${n}` })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(100);
    expect(answers.find(({ status }) => status !== 200)).toMatchObject(refused(409, "action_checklist_full"));
    expect((await room.api.get(`/actions/${id}/checklist`)).body.items).toHaveLength(100);
  });

  test("409 action_wrong_state: not on what is over", async () => {
    const { id } = await room.made();
    await room.moved(id, ["complete"]);
    expect(await post(id, "add-item", { text: "A" })).toMatchObject(refused(409, "action_wrong_state"));
  });
});

describe("actions.checklist", () => {
  test("200: says of each who ticked it last", async () => {
    const { id } = await room.made();
    const item = (await post(id, "add-item", { text: "A" })).body;
    expect(item).toMatchObject({ done: false, actionId: id });
    const hers = await room.as(room.officer);
    await hers.post(`/actions/${id}/tick`, { itemId: item.id });
    expect((await room.api.get(`/actions/${id}/checklist`)).body.items).toMatchObject([
      { id: item.id, done: true, by: room.officer.id },
    ]);
  });
});

describe("actions.tick", () => {
  test("200: two phones that tick different boxes at once both do, and a box that is ticked stays so", async () => {
    const { id } = await room.made();
    const items = await Promise.all(["one", "two"].map(async (text) => (await post(id, "add-item", { text })).body.id));
    const answers = await Promise.all(items.map((itemId) => post(id, "tick", { itemId })));
    expect(answers.map(({ body }) => [body.changed, body.item.done])).toEqual([
      [true, true],
      [true, true],
    ]);
    expect((await post(id, "tick", { itemId: items[0] })).body).toMatchObject({ changed: false, item: { done: true } });
    expect((await post(id, "tick", { itemId: items[0], done: false })).body).toMatchObject({ item: { done: false } });
    expect((await told(id)).filter((name) => name === "action.item_ticked")).toHaveLength(3);
  });

  test("422 action_item_unknown: another action's, or one that was removed", async () => {
    const [id, other] = [await elsewhere(), await elsewhere()];
    const itemId = (await post(id, "add-item", { text: "A" })).body.id;
    expect(await post(other, "tick", { itemId })).toMatchObject(refused(422, "action_item_unknown"));
    await post(id, "remove-item", { itemId });
    expect(await post(id, "tick", { itemId })).toMatchObject(refused(422, "action_item_unknown"));
  });

  test("409 action_wrong_state: not on what is over, and the box stays as it was", async () => {
    const { id } = await room.made();
    const itemId = (await post(id, "add-item", { text: "A" })).body.id;
    await room.moved(id, ["cancel"]);
    expect(await post(id, "tick", { itemId })).toMatchObject(refused(409, "action_wrong_state"));
    expect((await room.api.get(`/actions/${id}/checklist`)).body.items[0].done).toBe(false);
  });
});

describe("actions.removeItem", () => {
  test("200: it is gone, and a second time nothing changes", async () => {
    const { id } = await room.made();
    const itemId = (await post(id, "add-item", { text: "A" })).body.id;
    expect((await post(id, "remove-item", { itemId })).body).toEqual({ changed: true });
    expect((await post(id, "remove-item", { itemId })).body).toEqual({ changed: false });
    expect((await room.api.get(`/actions/${id}/checklist`)).body.items).toEqual([]);
    expect(await post(await elsewhere(), "remove-item", { itemId })).toMatchObject({ body: { changed: false } });
  });
});

describe("actions.addNote", () => {
  test("200: what somebody wrote, as it is; 400: nothing, nul bytes, or too much", async () => {
    const { id } = await room.made();
    const body = "تم الاتصال 📞 — \u202eabc\u202c\n<script>";
    expect((await post(id, "add-note", { body })).body).toMatchObject({ body, actionId: id });
    for (const wrong of ["", " \n ", "x".repeat(10_001), "x".repeat(50_000)])
      expect((await post(id, "add-note", { body: wrong })).status).toBe(400);
    expect(
      await room.api.post(`/actions/${id}/add-note`, '{"body":"a\\u0000b"}', { "content-type": "application/json" }),
    ).toMatchObject({ status: 400 });
  });

  test("200: also beside what is over, and it isn't moved by it", async () => {
    const { id } = await room.made();
    await room.moved(id, ["complete"]);
    expect((await post(id, "add-note", { body: "Thanks." })).status).toBe(200);
    expect((await room.api.get(`/actions/${id}`)).body.version).toBe(2);
  });
});

describe("actions.notes", () => {
  test("200: newest first, page by page", async () => {
    const { id } = await room.made();
    for (const body of ["one", "two", "three"]) await post(id, "add-note", { body });
    const first = (await room.api.get(`/actions/${id}/notes?limit=2`)).body;
    const second = (await room.api.get(`/actions/${id}/notes?limit=2&cursor=${first.nextCursor}`)).body;
    const bodies = [...first.items, ...second.items].map(({ body }: { body: string }) => body);
    expect(bodies).toEqual(["three", "two", "one"]);
    expect(second.nextCursor).toBeNull();
  });
});

describe("actions.addEvidence", () => {
  test("200: a page, once", async () => {
    const { id } = await room.made();
    const said = { url: "https://supplier.example/orders/4711?q=%D9%85#top", title: "The order" };
    const { body } = await post(id, "add-evidence", said);
    expect(body).toMatchObject({ changed: true, evidence: said });
    expect((await post(id, "add-evidence", said)).body).toEqual({ ...body, changed: false });
    const many = { url: "https://supplier.example/photo" };
    const racing = await Promise.all(Array.from({ length: 8 }, () => post(id, "add-evidence", many)));
    expect(racing.filter((answer) => answer.body.changed)).toHaveLength(1);
  });

  test.each([
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "file:///etc/passwd",
    "http://supplier.example/",
    "ftp://supplier.example/",
    "//supplier.example/",
    "https://localhost/",
    "https://LOCALHOST./",
    "https://app.localhost/",
    "https://printer.local/",
    "https://intranet/",
    "https://wiki.internal/",
    "https://metadata.google.internal/computeMetadata/",
    "https://127.0.0.1/",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://017700000001/",
    "https://10.0.0.1/",
    "https://169.254.169.254/latest/",
    "https://8.8.8.8/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://user:secret@supplier.example/",
    "https://supplier.example\\@evil.example/",
    "https://supplier.example/a b",
    "https://supplier.example/\u202egpj.exe",
    "https://supplier.example/\u0000",
    `https://supplier.example/${"x".repeat(2000)}`,
    "",
  ])("400: %s is no page that anybody could open", async (url) => {
    const answer = await post(await elsewhere(), "add-evidence", { url });
    expect(answer.status).toBe(400);
  });
});

describe("actions.evidence", () => {
  test("200: what was taken back is no longer there", async () => {
    const { id } = await room.made();
    const add = async (name: string) =>
      (await post(id, "add-evidence", { url: `https://${name}.example/` })).body.evidence;
    const [one, two] = [await add("one"), await add("two")];
    expect((await room.api.get(`/actions/${id}/evidence`)).body.items).toEqual([two, one]);
    await post(id, "remove-evidence", { linkId: one.id });
    expect((await room.api.get(`/actions/${id}/evidence`)).body.items).toEqual([two]);
  });
});

describe("actions.removeEvidence", () => {
  test("200: a second time, or of another action, nothing changes", async () => {
    const { id } = await room.made();
    const linkId = (await post(id, "add-evidence", { url: "https://one.example/" })).body.evidence.id;
    expect((await post(await elsewhere(), "remove-evidence", { linkId })).body).toEqual({ changed: false });
    expect((await post(id, "remove-evidence", { linkId })).body).toEqual({ changed: true });
    expect((await post(id, "remove-evidence", { linkId })).body).toEqual({ changed: false });
  });

  test("409 action_wrong_state: what shows that it was done stays, before it is verified and afterwards", async () => {
    const { id } = await room.made();
    const { evidence } = (await post(id, "add-evidence", { url: "https://one.example/" })).body;
    await room.moved(id, ["complete"], await room.as(room.officer));
    const removed = () => post(id, "remove-evidence", { linkId: evidence.id });
    expect(await removed()).toMatchObject(refused(409, "action_wrong_state", { state: "done" }));
    await room.moved(id, ["verify"], await room.as(room.chief));
    expect(await removed()).toMatchObject(refused(409, "action_wrong_state", { state: "verified" }));
    expect((await room.api.get(`/actions/${id}/evidence`)).body.items).toEqual([evidence]);
  });
});

describe("actions.watch", () => {
  test("200: once, and again after it was over", async () => {
    const { id } = await room.made();
    const personId = room.chief.id;
    expect((await post(id, "watch", { personId })).body).toMatchObject({ changed: true, watcher: { personId } });
    expect((await post(id, "watch", { personId })).body.changed).toBe(false);
    await post(id, "unwatch", { personId });
    expect((await post(id, "watch", { personId })).body.changed).toBe(true);
    expect(await told(id)).toEqual(["action.created", "action.watched", "action.unwatched", "action.watched"]);
  });

  test("422 action_person_uncleared: nobody watches what does not exist for them", async () => {
    const { id } = await room.made({ classification: "secret" });
    const low = await room.here.person({ clearance: "confidential" });
    expect(await post(id, "watch", { personId: low.id })).toMatchObject(
      refused(422, "action_person_uncleared", { personIds: [low.id] }),
    );
    expect((await room.api.get(`/actions/${id}/watchers`)).body.items).toEqual([]);
  });

  test("422 action_person_unknown: who isn't there, or has left", async () => {
    const { id } = await room.made();
    const left = await room.here.person({ disabled: true });
    const other = await room.here.person();
    const stranger = other.id.replace(/.$/, (last) => (last === "0" ? "1" : "0"));
    for (const personId of [left.id, stranger])
      expect(await post(id, "watch", { personId })).toMatchObject(refused(422, "action_person_unknown"));
  });

  test("200: who loses the clearance afterwards finds nothing by it", async () => {
    const { id } = await room.made({ classification: "secret" });
    const watcher = await room.here.person({ roles: ["operational"] });
    await post(id, "watch", { personId: watcher.id });
    await asOwner()`update people set clearance = 'internal' where id = ${watcher.uuid}`;
    expect((await (await room.as(watcher)).get("/actions?watcherId=me")).body.items).toEqual([]);
  });

  test("422 action_watchers_full: two hundred are listed, and the next one is refused, also where two come at once", async () => {
    const { id } = await room.made();
    await asOwner()`with crowd as (
        insert into people (id, tenant_id, tid, oid, name_en, clearance, created_at, updated_at)
        select gen_random_uuid(), ${room.here.tenantId}, gen_random_uuid(), gen_random_uuid(), 'One', 'secret', now(), now()
        from generate_series(1, 199) returning id)
      insert into action_watchers (tenant_id, action_id, person_id, by, at)
      select ${room.here.tenantId}, ${uuidOf(id)}, id, 'test', now() from crowd`;
    const [one, other] = [room.chief.id, room.deputy.id];
    const answers = await Promise.all([one, other].map((personId) => post(id, "watch", { personId })));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 422]);
    const refusal = answers.find(({ status }) => status === 422);
    expect(refusal).toMatchObject(refused(422, "action_watchers_full"));
    const [inside, outside] = answers[0]?.status === 200 ? [one, other] : [other, one];
    expect((await room.api.get(`/actions/${id}/watchers`)).body.items).toHaveLength(200);
    expect((await post(id, "watch", { personId: inside })).body.changed).toBe(false);
    await post(id, "unwatch", { personId: inside });
    expect((await post(id, "watch", { personId: outside })).body.changed).toBe(true);
  });
});

describe("actions.watchers", () => {
  test("200: in the order in which they began", async () => {
    const { id } = await room.made();
    for (const { id: personId } of [room.deputy, room.chief]) await post(id, "watch", { personId });
    const { items } = (await room.api.get(`/actions/${id}/watchers`)).body;
    expect(items.map(({ personId }: { personId: string }) => personId)).toEqual([room.deputy.id, room.chief.id]);
  });
});

describe("actions.unwatch", () => {
  test("200: who doesn't watch it, doesn't", async () => {
    const { id } = await room.made();
    expect((await post(id, "unwatch", { personId: room.chief.id })).body).toEqual({ changed: false });
  });
});
