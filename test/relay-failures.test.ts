import { uuidOf } from "@dais/contracts/kit/ids";
import type { DeliveredEvent } from "@dais/kernel/relay/event";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { impatient, taking } from "./support/consumers.ts";
import { counting, type RelayHome, relayHome, until } from "./support/relay.ts";

let home: RelayHome;
beforeAll(async () => {
  home = await relayHome();
});
afterEach(() => home.rest());

const versions = (rows: readonly Record<string, unknown>[]) => rows.map((row) => row.version);
const secret = "the password is hunter2";
const poison =
  (version: number) =>
  ({ resourceVersion }: DeliveredEvent) => {
    if (resourceVersion === version) throw new Error(secret);
  };

describe("a consumer that throws", () => {
  test("for one tenant only: the others' events are taken, and its own once it has recovered, in their order", async () => {
    const [ill, well] = [await home.place(), await home.place()];
    let sick = true;
    const moody = taking("moody", ({ tenantId }) => {
      if (sick && tenantId === ill.tenantId) throw new Error(secret);
    });
    await home.work([moody], { patience: { ...impatient, attempts: 1000 } });
    for (let n = 0; n < 3; n++) for (const place of [ill, well]) await home.touch(place);
    await until(async () => expect(versions(await home.taken(well))).toEqual([2, 3, 4]));
    await until(async () => expect(await home.stalls(ill)).toMatchObject([{ consumer: "moody", error_code: "Error" }]));
    expect(await home.taken(ill)).toEqual([]);
    await home.touch(ill);
    sick = false;
    await until(async () => expect(versions(await home.taken(ill))).toEqual([2, 3, 4, 5]));
    await until(async () => expect(await home.stalls(ill)).toEqual([]));
    expect(await home.dead(ill)).toEqual([]);
  });

  test("holds up no other consumer, and no other resource", async () => {
    const here = await home.place();
    const { company, holding } = here.entities;
    const narrow = taking("narrow", ({ resourceId }) => {
      if (resourceId === uuidOf(company)) throw new Error(secret);
    });
    await home.work([narrow, taking("broad")], { patience: { ...impatient, attempts: 1000 } });
    for (const id of [company, holding, company, holding]) await home.touch(here, id);
    await until(async () => expect(await home.taken(here, "broad")).toHaveLength(4));
    await until(async () => expect(await home.taken(here, "narrow")).toHaveLength(2));
    expect(new Set((await home.taken(here, "narrow")).map((row) => row.resource_id))).toEqual(
      new Set([uuidOf(holding)]),
    );
    await until(async () => expect(await home.waiting(here)).toBe(0));
  });

  test("and never comes back: it has failed, and the rest goes on", async () => {
    const here = await home.place();
    const hanging = taking("hanging", (event) => (event.resourceVersion === 2 ? new Promise(() => {}) : undefined));
    await home.work([hanging], { patience: { ...impatient, attempts: 1, limitMs: 300 } });
    await home.touch(here);
    await home.touch(here);
    await until(async () => expect(await home.dead(here)).toMatchObject([{ error_code: "TOO_LATE" }]));
    await until(async () => expect(versions(await home.taken(here))).toEqual([3]));
  });
});

describe("a poison event", () => {
  test("is tried again, then lies among the dead letters without a secret; what comes after it is taken", async () => {
    const here = await home.place();
    const { seen, meter } = counting();
    await home.work([taking("picky", poison(3))], { meter });
    for (let n = 0; n < 3; n++) await home.touch(here, here.entities.company, { requestId: "req-poison" });
    await until(async () => expect(versions(await home.taken(here))).toEqual([2, 4]));
    await until(async () => expect(await home.dead(here)).toHaveLength(1));
    const [letter] = await home.dead(here);
    expect(letter).toMatchObject({
      consumer: "picky",
      event_name: "entity.updated",
      resource_id: uuidOf(here.entities.company),
      request_id: "req-poison",
      attempts: impatient.attempts,
      error_code: "Error",
      retried_at: null,
      dropped_at: null,
      delivered_at: null,
    });
    expect(JSON.stringify(letter)).not.toContain("hunter2");
    expect(seen).toEqual([...Array(impatient.attempts).fill("failed picky Error"), "dead picky"]);
    expect(await home.stalls(here)).toEqual([]);
  });

  test("somebody has it tried once more: in vain, and then it is taken, once", async () => {
    const here = await home.place();
    let sick = true;
    const cured = taking("cured", () => {
      if (sick) throw Object.assign(new Error(secret), { code: "EPIPE" });
    });
    await home.work([cured], { patience: { ...impatient, attempts: 1 } });
    await home.touch(here);
    await until(async () => expect(await home.dead(here)).toMatchObject([{ error_code: "EPIPE", attempts: 1 }]));
    const retry = () =>
      home.within(here, "update dead_letters set retried_at = $1 where tenant_id = $2", [
        new Date().toISOString(),
        here.tenantId,
      ]);
    await retry();
    await until(async () => expect(await home.dead(here)).toMatchObject([{ attempts: 2, retried_at: null }]));
    sick = false;
    await retry();
    await until(async () =>
      expect(await home.dead(here)).toMatchObject([{ attempts: 3, delivered_at: expect.any(Date) }]),
    );
    expect(versions(await home.taken(here))).toEqual([2]);
  });
});

describe("an event from a newer process", () => {
  const old = { known: new Map([["entity.updated", 1]]) };
  const newer = { known: new Map(["entity.updated", "entity.invented"].map((name) => [name, 2])) };

  test("waits for one that knows it, and so does what follows; other resources go on", async () => {
    const here = await home.place();
    const { seen, meter } = counting();
    const worker = await home.work([taking("known")], { ...old, meter });
    await home.touch(here);
    await home.write(here, { event_version: 2, resource_version: 98 });
    await home.write(here, { name: "entity.invented", event_version: 2, resource_version: 99 });
    await home.touch(here);
    await home.touch(here, here.entities.holding);
    await until(async () => expect(await home.taken(here)).toHaveLength(2));
    await until(() => expect(new Set(seen)).toEqual(new Set(["unknown entity.updated 2"])));
    await until(async () =>
      expect(await home.stalls(here)).toMatchObject([{ consumer: "*", error_code: "unknown_version" }]),
    );
    expect(versions(await home.taken(here)).sort()).toEqual([2, 2]);
    await worker.stop();
    await home.work([taking("known")], newer);
    const company = async () =>
      (await home.taken(here)).filter((row) => row.resource_id === uuidOf(here.entities.company));
    await until(async () => expect(versions(await company())).toEqual([2, 98, 3]));
    await until(async () => expect(await home.stalls(here)).toEqual([]));
    expect(await home.dead(here)).toEqual([]);
  });

  test("while old and new processes run beside each other, nothing is lost or out of order", async () => {
    const here = await home.place();
    await home.work([taking("mixed")], old);
    for (let version = 2; version < 30; version++)
      await home.write(here, { event_version: version % 5 ? 1 : 2, resource_version: version });
    await until(async () => expect(await home.stalls(here)).toMatchObject([{ consumer: "*" }]));
    await home.work([taking("mixed")], newer);
    await until(async () => expect(await home.taken(here)).toHaveLength(28));
    expect(versions(await home.taken(here))).toEqual(Array.from({ length: 28 }, (_, n) => n + 2));
  });
});
