import { uuidOf } from "@dais/contracts/kit/ids";
import { record } from "@dais/kernel/audit";
import { emit } from "@dais/kernel/outbox";
import type { Consumer } from "@dais/kernel/relay/consumer";
import type { DeliveredEvent } from "@dais/kernel/relay/event";
import { task } from "@dais/kernel/task";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { taking } from "./support/consumers.ts";
import { type RelayHome, relayHome, until } from "./support/relay.ts";

let home: RelayHome;
beforeAll(async () => {
  home = await relayHome();
});
afterEach(() => home.rest());

const versions = (rows: readonly Record<string, unknown>[]) => rows.map((row) => row.version);
const from2 = (count: number) => Array.from({ length: count }, (_, n) => n + 2);
const uuid = uuidOf;

describe("the relay, in order", () => {
  test("delivers each resource's events as they were committed, whoever writes and however many relay", async () => {
    const here = await home.place();
    const { company, holding } = here.entities;
    await Promise.all([1, 2, 3].map(() => home.work([taking("order")])));
    await Promise.all(Array.from({ length: 120 }, (_, n) => home.touch(here, n % 2 ? company : holding)));
    await until(async () => expect(await home.taken(here)).toHaveLength(120));
    for (const id of [company, holding]) {
      const own = (await home.taken(here)).filter((row) => row.resource_id === uuid(id));
      expect(versions(own)).toEqual(from2(60));
    }
    await until(async () => expect(await home.waiting(here)).toBe(0));
  });

  test("an event whose transaction takes long is delivered too, and holds up nobody", async () => {
    const here = await home.place();
    await home.work([taking("late")]);
    const [written, commit] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const open = home.owner.begin(async (sql) => {
      await home.write(here, { resource_version: 7 }, sql);
      written.resolve();
      await commit.promise;
    });
    await written.promise;
    await home.touch(here, here.entities.holding);
    await until(async () => expect(versions(await home.taken(here))).toEqual([2]));
    commit.resolve();
    await open;
    await until(async () => expect(versions(await home.taken(here))).toEqual([2, 7]));
  });

  test("a tenant with much to tell doesn't stand in front of another", async () => {
    const [loud, quiet] = [await home.place(), await home.place()];
    const many = Array.from({ length: 2000 }, () => home.write(loud, { resource_id: crypto.randomUUID() }));
    await Promise.all(many);
    await home.touch(quiet);
    const order: string[] = [];
    await home.work([taking("fair", ({ tenantId }) => void order.push(tenantId))]);
    await until(async () => expect(await home.waiting(loud)).toBe(0));
    expect(order.indexOf(quiet.tenantId)).toBeLessThan(500);
    expect(order).toHaveLength(2001);
  });
});

describe("the relay, once", () => {
  test("what is delivered again, because its mark was lost, is not done again", async () => {
    const here = await home.place();
    const worker = await home.work([taking("once"), taking("twice")]);
    await home.touch(here);
    await until(async () => expect(await home.waiting(here)).toBe(0));
    await worker.stop();
    const again = await home.touch(here);
    await home.owner`update outbox set published_at = null where tenant_id = ${here.tenantId}`;
    await home.work([taking("once"), taking("twice")]);
    await until(async () => expect(await home.waiting(here)).toBe(0));
    expect(versions(await home.taken(here, "once"))).toEqual([2, again]);
    expect(versions(await home.taken(here, "twice"))).toEqual([2, again]);
  });

  test("a lost connection costs nothing: what was in hand is delivered again, and done once", async () => {
    const here = await home.place();
    let cut = false;
    const cutting = taking("cut", async () => {
      if (cut) return;
      cut = true;
      await home.owner`select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = 'dais events' and datname = current_database()`;
    });
    await home.work([cutting]);
    for (let n = 0; n < 5; n++) await home.touch(here);
    await until(async () => expect(await home.waiting(here)).toBe(0));
    expect(cut).toBe(true);
    expect(versions(await home.taken(here))).toEqual(from2(5));
  });

  test("stopped in the middle, it ends what it is about, and another goes on from there", async () => {
    const here = await home.place();
    for (let n = 0; n < 3; n++) await home.touch(here);
    const [begun, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const slow = taking("slow", () => {
      begun.resolve();
      return go.promise;
    });
    const worker = await home.work([slow]);
    await begun.promise;
    const stopped = worker.stop();
    go.resolve();
    await stopped;
    expect(versions(await home.taken(here))).toEqual([2]);
    await home.work([taking("slow")]);
    await until(async () => expect(versions(await home.taken(here))).toEqual([2, 3, 4]));
  });
});

describe("the relay, on behalf of whoever caused it", () => {
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const answering: Consumer = {
    name: "answering",
    events: ["entity.updated"],
    handle: task({
      name: "entities.answer",
      action: "entity.answer",
      async run(ctx, { resourceId, payload }: DeliveredEvent) {
        const resource = { type: "entity", id: resourceId };
        record(ctx, { resource });
        emit(ctx, { name: "entity.created", resource, payload: { id: payload.id as string } });
      },
    }),
  };

  test("as actor system, within the request and the trace, as far as they go", async () => {
    const here = await home.place();
    const echo: Consumer = { ...taking("echo"), events: ["entity.created"] };
    await home.work([answering, echo]);
    const as = { id: "key_cause", permissions: new Set<string>() };
    await home.touch(here, here.entities.company, { requestId: "req-1", traceparent, as });
    await until(async () => expect(await home.taken(here)).toHaveLength(1));
    const [entry] =
      await home.owner`select * from audit where tenant_id = ${here.tenantId} and operation = 'entities.answer'`;
    const cause = { actor_kind: "system", actor_id: "system", on_behalf_of: null, request_id: "req-1" };
    expect(entry).toMatchObject({ ...cause, trace_id: traceparent.split("-")[1] });
    const [told] =
      await home.owner`select * from outbox where tenant_id = ${here.tenantId} and name = 'entity.created'`;
    expect(told).toMatchObject({ ...cause, traceparent });
  });

  test.each([
    ["a caller", { actor_kind: "client", actor_id: "key_one", on_behalf_of: null }, "key_one"],
    ["an agent's person", { actor_kind: "agent", actor_id: "key_agent", on_behalf_of: "per_one" }, "per_one"],
    ["nobody, where the server itself did it", { actor_kind: "system", actor_id: "system", on_behalf_of: null }, null],
  ])("on behalf of %s", async (_, actor, cause) => {
    const here = await home.place();
    await home.work([taking("behalf")]);
    await home.write(here, { ...actor, request_id: "req-2" });
    await until(async () => expect(await home.taken(here)).toHaveLength(1));
    expect(await home.taken(here)).toMatchObject([{ actor: "system", on_behalf_of: cause, request_id: "req-2" }]);
  });

  test("who hears nothing of it isn't called, and the event is done", async () => {
    const here = await home.place();
    await home.work([{ ...taking("deaf"), events: ["signal.ingested"] }]);
    await home.touch(here);
    await until(async () => expect(await home.waiting(here)).toBe(0));
    expect(await home.taken(here)).toEqual([]);
  });
});
