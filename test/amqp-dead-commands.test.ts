import { randomUUID } from "node:crypto";
import { uuidOf } from "@dais/contracts/kit/ids";
import { sweeps, usualRetain } from "@dais/jobs/sweeps";
import { lane } from "@dais/kernel/lane";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { amqpCounting } from "./support/amqp.ts";
import { type CommandsHome, commandsHome, dead, making, opened } from "./support/amqp-commands.ts";

let home: CommandsHome;
beforeAll(async () => {
  home = await commandsHome();
});
afterEach(() => home.rest());

describe("commands from a queue that come to nothing", () => {
  test("what its key may not, what is no command, and what nobody knows are given up at once", async () => {
    const { here, admin, api } = await home.at();
    const it = await opened({ admin }, ["entity.read"]);
    await home.over();
    await home.ready(it);
    await home.send(it, making("no"));
    await home.send(it, { version: 1, operation: "entities.list", input: {}, idempotencyKey: "read" });
    await home.send(it, { version: 1, operation: "entities.explode", input: {}, idempotencyKey: "none" });
    await home.send(it, making("no", { version: 2 }));
    await expect
      .poll(async () => (await dead(api)).map(({ errorCode }) => errorCode).sort())
      .toEqual([...["forbidden", "unknown_operation", "unknown_operation", "unknown_version"]]);
    const refused = async () => (await here.trail()).filter(({ outcome }) => outcome === "refused");
    await expect.poll(refused).toMatchObject([{ problem: "forbidden", actor_id: it.keyId, decision: { via: it.id } }]);
    // A copy goes out behind its row.
    const copies = () => home.other.queueDeclare({ queue: `${it.queue}.dead`, passive: true });
    await expect.poll(async () => (await copies()).messageCount).toBe(4);
  });

  test("poison: each is given up, none stops the queue, and what is kept of it is no more than it says", async () => {
    const { here, admin, api } = await home.at();
    const it = await opened({ admin });
    await home.over();
    await home.ready(it);
    const deep = `${"[".repeat(70)}${"]".repeat(70)}`;
    const poison: [string, unknown, object?][] = [
      ["malformed_json", "{"],
      ["malformed_json", Buffer.from([0xff, 0xfe, 0x00])],
      ["malformed_json", '{"version":1,"version":1,"operation":"entities.create","input":{},"idempotencyKey":"a"}'],
      [
        "malformed_json",
        '{"version":1,"operation":"entities.create","input":{"key":"a\\u0000b"},"idempotencyKey":"a"}',
      ],
      ["malformed_json", '{"__proto__":{"version":1}}'],
      ["malformed_json", deep],
      ["malformed_json", ""],
      ["invalid_input", "null"],
      ["invalid_input", "[]"],
      ["invalid_input", { ...making("x"), more: true }],
      ["invalid_input", { ...making("x"), idempotencyKey: "with spaces" }],
      ["invalid_input", making("x", { input: { key: "x".repeat(50_000), name: { en: "\u202e" } } })],
      ["payload_too_large", Buffer.alloc(256 * 1024 + 1, " ")],
      ["unknown_version", { version: 1e300 }],
      [
        "invalid_input",
        { version: "1" },
        { headers: { "dais-attempt": -5, traceparent: "nonsense", "dais-replayed": "yes" } },
      ],
    ];
    for (const [, body, more] of poison) await home.send(it, body, { messageId: randomUUID(), ...more });
    await home.send(it, making("after"));
    await expect.poll(async () => (await home.entity(here, "after")).length).toBe(1);
    await expect.poll(async () => (await dead(api)).length).toBe(poison.length);
    const codes = (await dead(api)).map(({ errorCode }) => errorCode).sort();
    expect(codes).toEqual(poison.map(([code]) => code).sort());
    const large = (await dead(api)).find(({ errorCode }) => errorCode === "payload_too_large");
    expect(large).toMatchObject({ replayable: false, bytes: 256 * 1024 + 1 });
    const { status, body } = await admin.post("/dead-commands/replay", { ids: [large?.id] });
    expect([status, body.code]).toEqual([409, "dead_command_wrong_state"]);
  });

  test("what fails by our own fault is tried three times, a while apart, and then given up; replayed, it is done", async () => {
    const { here, admin, api } = await home.at();
    const it = await opened({ admin });
    const { meter, seen } = amqpCounting();
    // Stands for a bug: what the operation writes is refused by the database for no reason that we know.
    await home.owner.unsafe(`create or replace function broken() returns trigger language plpgsql as $$ begin raise 'broken'; end $$;
      create trigger broken before insert on entities for each row when (new.key = 'brittle') execute function broken()`);
    await home.over({ meter });
    await home.ready(it);
    await home.send(it, making("brittle"));
    await expect
      .poll(() => seen)
      .toEqual(["command again internal", "command again internal", "command dead internal"]);
    await expect
      .poll(() => dead(api))
      .toMatchObject([{ errorCode: "internal", attempts: 3, state: "failed", operation: "entities.create" }]);
    const [{ id }] = (await dead(api)) as [{ id: string }];
    await home.owner.unsafe("drop trigger broken on entities");
    expect((await admin.post("/dead-commands/replay", { ids: [id] })).body).toEqual({ changed: [id] });
    await expect.poll(async () => (await home.entity(here, "brittle")).length).toBe(1);
    await expect.poll(() => dead(api)).toMatchObject([{ id, state: "done" }]);
    expect((await admin.post("/dead-commands/replay", { ids: [id] })).body.code).toBe("dead_command_wrong_state");
  });

  test("what was dropped in the moment in which it was put into its queue again, and done all the same, says so", async () => {
    const { here, admin, api } = await home.at();
    const it = await opened({ admin });
    await home.owner.unsafe(`create or replace function refusing() returns trigger language plpgsql as $$ begin raise 'refused'; end $$;
      create trigger refusing before insert on entities for each row when (new.key = 'crossed') execute function refusing()`);
    await home.over();
    await home.ready(it);
    await home.send(it, making("crossed"));
    await expect.poll(() => dead(api)).toMatchObject([{ state: "failed" }]);
    await home.owner.unsafe("drop trigger refusing on entities");
    await home.owner`update dead_commands set replayed_at = ${new Date()}, dropped_at = ${new Date()} where integration_id = ${uuidOf(it.id)}`;
    await home.send(it, making("crossed"), { headers: { "dais-replayed": 1 } });
    await expect.poll(() => dead(api)).toMatchObject([{ state: "done" }]);
    expect(await home.entity(here, "crossed")).toHaveLength(1);
  });

  test("what never ends in its time is tried more often, and counted: then it is given up, too", async () => {
    const { admin, api } = await home.at();
    const it = await opened({ admin });
    const { meter, seen } = amqpCounting();
    // Stands for a statement that the database cancels by its time limit.
    await home.owner.unsafe(`create or replace function endless() returns trigger language plpgsql as $$ begin raise exception 'too long' using errcode = '57014'; end $$;
      create trigger endless before insert on entities for each row when (new.key = 'endless') execute function endless()`);
    await home.over({ meter, retryMs: 1 });
    await home.ready(it);
    await home.send(it, making("endless"));
    await expect.poll(() => dead(api)).toMatchObject([{ errorCode: "busy", attempts: 60, state: "failed" }]);
    expect(seen).toEqual([...Array(59).fill("command again busy"), "command dead busy"]);
    await home.owner.unsafe("drop trigger endless on entities");
  });

  test("more than ten thousand of one integration: the oldest that nobody has decided about makes room, and is counted", async () => {
    const { here, admin, api } = await home.at();
    const [it, other] = [await opened({ admin }), await opened({ admin })];
    const { meter, seen } = amqpCounting();
    await home.over({ meter });
    await home.ready(it);
    const lie = (
      of: { id: string },
      count: number,
      name: string,
      since: string,
      replayedAt: Date | null = null,
    ) => home.owner`
      insert into dead_commands (id, tenant_id, integration_id, digest, message_id, bytes, error_code, attempts, failed_at, replayed_at, sent_at)
      select gen_random_uuid(), ${here.tenantId}, ${uuidOf(of.id)}, ${name} || n, ${name} || n, 0, 'forbidden', 1,
        ${since}::timestamptz + n * interval '1 second', ${replayedAt}, ${replayedAt} from generate_series(1, ${count}) n`;
    await lie(it, 1, "replaying", "2026-01-01T00:00:00Z", new Date());
    await lie(other, 1, "another", "2026-01-01T00:00:00Z");
    await lie(it, 10_000, "old", "2026-01-02T00:00:00Z");
    await home.send(it, "{", { messageId: "new" });
    await expect.poll(() => seen, { timeout: 30_000 }).toContain("removed 1");
    const left = async (name: string) =>
      (await home.owner`select 1 from dead_commands where tenant_id = ${here.tenantId} and message_id = ${name}`)
        .length;
    expect(await Promise.all(["old1", "old2", "old10000", "new", "replaying1", "another1"].map(left))).toEqual([
      ...[0, 1, 1, 1, 1, 1],
    ]);
    expect((await dead(api, "failed"))[0]).toMatchObject({ messageId: "new" });
  });

  test("what was decided about is removed after 90 days; what waits for somebody stays, however old", async () => {
    const { admin, api } = await home.at();
    const it = await opened({ admin });
    const worker = await home.over();
    await home.ready(it);
    for (const messageId of ["dropped", "done", "waits"]) await home.send(it, "{", { messageId });
    await expect.poll(async () => (await dead(api)).length).toBe(3);
    await worker.stop();
    const idOf = (items: Record<string, unknown>[], name: string) => items.find((one) => one.messageId === name)?.id;
    const all = await dead(api);
    const drop = { ids: [idOf(all, "dropped")], reason: "A test." };
    expect((await admin.post("/dead-commands/drop", drop)).status).toBe(200);
    await home.owner`update dead_commands set done_at = ${new Date()} where message_id = 'done'`;

    const sweep = sweeps(usualRetain).find(({ name }) => name === "prune.deadCommands");
    const line = lane(home.connection, "dais_system");
    const leftAfter = async (days: number) => {
      await sweep?.run(line.send, new Date(Date.now() + days * 86_400_000));
      return (await dead(api)).map(({ messageId }) => messageId).sort();
    };
    expect(await leftAfter(89)).toEqual(["done", "dropped", "waits"]);
    expect(await leftAfter(91)).toEqual(["waits"]);
    await line.close();
  });
});
