import { randomUUID } from "node:crypto";
import { uuidOf } from "@dais/contracts/kit/ids";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { amqpCounting } from "./support/amqp.ts";
import { type CommandsHome, commandsHome, dead, making, opened } from "./support/amqp-commands.ts";
import { restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";

let home: CommandsHome;
beforeAll(async () => {
  home = await commandsHome();
});
afterEach(() => home.rest());

describe("commands from a queue", () => {
  test("one is done as the integration's key, audited with the integration, within the trace, and once for its key", async () => {
    const { here, admin, api } = await home.at();
    const it = await opened({ admin });
    const { meter, seen } = amqpCounting();
    await home.over({ meter });
    await home.ready(it);
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    await home.send(it, making("harbour"), { headers: { traceparent } });
    await home.send(it, making("harbour"), { headers: { traceparent } });
    await expect.poll(() => seen.filter((one) => one === "command done ")).toHaveLength(2);
    expect(await home.entity(here, "harbour")).toHaveLength(1);
    const [entry, ...more] = (await here.trail()).filter((row) => row.operation === "entities.create");
    expect(more).toEqual([]);
    expect(entry).toMatchObject({
      ...{ actor_id: it.keyId, actor_kind: "client", address: `amqp:${it.id}`, trace_id: traceparent.split("-")[1] },
      ...{ idempotency_key: "make-harbour", outcome: "done", decision: { via: it.id } },
    });
    expect(await dead(api)).toEqual([]);
    expect((await api.get(`/integrations/${it.id}`)).body).toMatchObject({ problem: null, queue: it.queue });
  });

  test("an identity change of another service: people.disable shuts a person out", async () => {
    const { here, admin, api } = await home.at();
    const it = await opened({ admin });
    await home.over();
    await home.ready(it);
    const leaver = await here.person();
    const theirs = restClient(home.server.url, await leaver.session());
    expect((await theirs.get("/me")).status).toBe(200);
    await home.send(it, {
      version: 1,
      operation: "people.disable",
      input: { id: leaver.id, reason: "Left the company." },
      idempotencyKey: "leaver-1",
    });
    const disabled = () => home.owner`select 1 from people where id = ${uuidOf(leaver.id)} and disabled_at is not null`;
    await expect.poll(async () => [await dead(api), (await disabled()).length]).toEqual([[], 1]);
    expect((await theirs.get("/me")).status).toBe(401);
  });

  test("who asks for an answer gets it by direct reply-to, or in the integration's own queue; nowhere else", async () => {
    const { here, admin, api } = await home.at();
    const it = await opened({ admin });
    await home.over();
    await home.ready(it);
    const rpc = home.other.createRPCClient({ confirm: true });
    const json = (body: unknown) => JSON.parse(String(body));
    const answer = async (body: object) => {
      const reply = await rpc.send({ routingKey: it.queue }, Buffer.from(JSON.stringify(body)));
      return Buffer.isBuffer(reply.body) ? json(reply.body) : reply.body;
    };
    expect(await answer(making("quay"))).toMatchObject({
      operation: "entities.create",
      problem: null,
      output: { key: "quay" },
    });
    expect(await answer(making("quay", { idempotencyKey: "another" }))).toMatchObject({
      output: null,
      problem: { code: "entity_key_taken", status: 409 },
    });
    await rpc.close();
    const replies = `${it.queue}.replies`;
    await home.send(it, making("pier"), { replyTo: replies, correlationId: "mine" });
    await expect
      .poll(async () => (await home.other.basicGet({ queue: replies, noAck: true }))?.correlationId)
      .toBe("mine");
    const theirs = `test.${randomUUID()}`;
    await home.other.queueDeclare({ queue: theirs, autoDelete: true });
    await home.send(it, making("jetty"), { replyTo: theirs });
    await expect
      .poll(() => dead(api))
      .toMatchObject([{ errorCode: "reply_to_not_allowed" }, { errorCode: "entity_key_taken" }]);
    expect(await home.entity(here, "jetty")).toHaveLength(0);
    expect(await home.other.basicGet({ queue: theirs, noAck: true })).toBeUndefined();
  });

  test("a key that is revoked: what comes is refused with the next message; a queue that is closed is not read", async () => {
    const { here, admin, api } = await home.at();
    const it = await opened({ admin });
    const second = await opened({ admin });
    await home.over();
    await home.ready(it);
    await home.ready(second);
    await home.send(it, making("one"));
    await expect.poll(async () => (await home.entity(here, "one")).length).toBe(1);
    expect((await admin.post(`/api-keys/${it.keyId}/revoke`, {})).status).toBe(200);
    await home.send(it, making("two"));
    await expect.poll(() => dead(api)).toMatchObject([{ errorCode: "unauthenticated", integrationId: it.id }]);
    expect((await admin.post(`/integrations/${second.id}/close`, {})).body).toMatchObject({ changed: true });
    const readers = async () => (await home.other.queueDeclare({ queue: second.queue, passive: true })).consumerCount;
    await expect.poll(readers).toBe(0);
    await home.send(second, making("three"));
    expect((await home.other.queueDeclare({ queue: second.queue, passive: true })).messageCount).toBe(1);
    expect(await home.entity(here, "two")).toHaveLength(0);
    expect(await home.entity(here, "three")).toHaveLength(0);
    await home.other.queueDelete(second.queue);
  });

  test("handed in twice, while another process is slow with the first: the second waits, and both are answered with the one", async () => {
    const { here, admin, api } = await home.at();
    const it = await opened({ admin });
    const other = await startServer({ connection: home.connection });
    const { meter, seen } = amqpCounting();
    // The first is not done before somebody lets go of this lock.
    await home.owner.unsafe(`create or replace function slow() returns trigger language plpgsql as $$
        begin set local lock_timeout = '9s'; perform pg_advisory_xact_lock(4711); return new; end $$;
      create trigger slow before insert on entities for each row when (new.key = 'slow') execute function slow()`);
    const held = await home.owner.reserve();
    await held`select pg_advisory_lock(4711)`;
    let calls = 0;
    await home.over({
      meter,
      dispatch: (call) => (calls++ === 0 ? other : home.server).kernel.dispatch(call),
    });
    await home.ready(it);
    await home.send(it, making("slow"));
    await home.send(it, making("slow"));
    await expect.poll(() => seen[0]).toBe("command later idempotency_in_progress");
    await held`select pg_advisory_unlock(4711)`;
    held.release();
    await expect.poll(() => seen.filter((one) => one === "command done ")).toHaveLength(2);
    await home.owner.unsafe("drop trigger slow on entities");
    expect(await home.entity(here, "slow")).toHaveLength(1);
    expect(await dead(api)).toEqual([]);
  });

  test("what we stand on is away: the message waits, uncounted, and is done when it is back", async () => {
    const { here, admin, api } = await home.at();
    const it = await opened({ admin });
    const { meter, seen } = amqpCounting();
    let away = true;
    const { Problem } = await import("@dais/kernel/problem");
    const nobody = { limit: null, actorId: null, tenantId: null };
    await home.over({
      meter,
      dispatch: async (call) =>
        away ? { ...nobody, problem: new Problem("unavailable") } : home.server.kernel.dispatch(call),
    });
    await home.ready(it);
    await home.send(it, making("patient"));
    await expect.poll(() => seen.filter((one) => one === "command later unavailable").length).toBeGreaterThan(3);
    away = false;
    await expect.poll(async () => (await home.entity(here, "patient")).length).toBe(1);
    expect(await dead(api)).toEqual([]);
  });

  test("a queue that somebody has made with other arguments: the integration says so, others go on, and it heals", async () => {
    const { here, admin, api } = await home.at();
    const it = await opened({ admin });
    const sound = await opened({ admin });
    await home.other.queueDeclare({ queue: it.queue, durable: true, arguments: { "x-max-length": 3 } });
    const { meter, seen } = amqpCounting();
    await home.over({ meter });
    const problem = async () => (await api.get(`/integrations/${it.id}`)).body.problem;
    await expect.poll(problem).toBe("PRECONDITION_FAILED");
    expect(seen).toContain("failed PRECONDITION_FAILED");
    await home.ready(sound);
    await home.send(sound, making("sound"));
    await expect.poll(async () => (await home.entity(here, "sound")).length).toBe(1);
    await home.other.queueDelete(it.queue);
    await expect.poll(problem).toBeNull();
    await home.send(it, making("healed"));
    await expect.poll(async () => (await home.entity(here, "healed")).length).toBe(1);
  });
});
