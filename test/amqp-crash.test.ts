import { ownBroker } from "@dais/local/rabbitmq";
import { afterEach, beforeAll, describe, expect, inject, test } from "vitest";
import { type AmqpHome, amqpCounting, amqpHome, fill, inboxOf, inOrder, outsider } from "./support/amqp.ts";
import { afterFile } from "./support/ending.ts";
import { cleanUp, program } from "./support/programs.ts";

/** Fewer with `EVENTS=1000`, where somebody is in a hurry. */
const events = Number(process.env.EVENTS ?? 10_000);
const resources = 200;

let broker: Awaited<ReturnType<typeof ownBroker>>;
let home: AmqpHome;
beforeAll(async () => {
  broker = await ownBroker();
  afterFile(broker.stop);
  home = await amqpHome(broker.url);
});
afterEach(cleanUp);
afterEach(() => home.rest());

/** A worker in a process of its own, that a test can kill. */
async function spawnWorker() {
  const settings = {
    ...{ PORT: "0", PUBLIC_URL: "http://dais.test", DAIS_ROLE: "worker", REDIS_URL: inject("redis") },
    AMQP_URL: broker.url,
  };
  const child = program(`
    import { randomBytes } from "node:crypto";
    import { readConfig } from "@dais/api/config";
    import { logger } from "@dais/api/log";
    import { server } from "@dais/api/server";
    const { url } = await server({
      config: readConfig(${JSON.stringify(settings)}),
      connection: ${JSON.stringify(home.connection)},
      cursorKey: new Uint8Array(32),
      sources: { now: () => new Date(), random: randomBytes },
      log: logger("silent"),
      consumers: [],
    });
    console.log(url);
  `);
  const url = await child.line();
  if (!url.startsWith("http")) throw new Error("the worker did not start");
  return {
    metrics: async () => (await fetch(`${url}/metrics`)).text(),
    kill: () => {
      child.kill("SIGKILL");
      return child.end;
    },
  };
}

describe("a broker that goes away, and workers that are killed", () => {
  test(`${events} events, a broker stopped and started in mid-stream, three SIGKILLs of the worker: none lost, none applied twice by who keeps an inbox`, async () => {
    const here = await home.place();
    const first = await spawnWorker();
    // The place from which on events are published is made when a worker first has a broker.
    await expect.poll(async () => (await home.owner`select 1 from amqp_cursor`).length).toBe(1);
    await first.kill();
    const inbox = await inboxOf(outsider(broker.url), here.slug);
    await fill(home, here, events, resources);
    const reaches = (count: number) =>
      expect.poll(() => inbox.applied.size, { timeout: 90_000, interval: 5 }).toBeGreaterThanOrEqual(count);
    for (const part of [0.1, 0.3, 0.5]) {
      const worker = await spawnWorker();
      await reaches(part * events);
      await worker.kill();
      expect(inbox.applied.size).toBeLessThan(events);
    }
    const last = await spawnWorker();
    await reaches(0.6 * events);
    await broker.halt();
    expect(inbox.applied.size).toBeLessThan(events);
    // Commands go on meanwhile, and what they tell waits with the rest.
    await home.touch(here);
    await expect.poll(last.metrics, { timeout: 20_000 }).toMatch(/^dais_amqp_connected\S* 0$/m);
    await expect.poll(last.metrics, { timeout: 20_000 }).toMatch(/^dais_amqp_waiting\S* [1-9]/m);
    expect(await home.stalls(here)).toEqual([]);
    await broker.start();
    await reaches(events + 1);
    expect(inbox.applied.size).toBe(events + 1);
    const filled = new Map([...inbox.applied].filter(([, { subject }]) => /^ent_\d+$/.test(subject)));
    expect(filled.size).toBe(events);
    inOrder(filled, events / resources);
    await expect.poll(last.metrics, { timeout: 20_000 }).toMatch(/^dais_amqp_waiting\S* 0$/m);
    expect(await last.metrics()).toMatch(/^dais_amqp_connected\S* 1$/m);
    expect(await last.metrics()).toMatch(/^dais_amqp_publish_duration_count\S* \d+$/m);
  }, 300_000);

  test("a password that is changed in mid-flight: told by its code, and once it is right again, nothing is missing", async () => {
    const here = await home.place();
    broker.ctl("add_user", "dais", "first");
    broker.ctl("set_permissions", "dais", ".*", ".*", ".*");
    const { meter, seen } = amqpCounting();
    const worker = await home.over({ meter, at: broker.url.replace("guest:guest", "dais:first") });
    const inbox = await inboxOf(outsider(broker.url), here.slug);
    await home.touch(here);
    await expect.poll(() => inbox.applied.size).toBe(1);
    broker.ctl("change_password", "dais", "second");
    broker.ctl("close_all_user_connections", "dais", "the password has changed");
    await expect.poll(() => seen).toContain("failed ACCESS_REFUSED");
    await home.touch(here);
    await expect.poll(() => worker.amqpWaiting()).toMatchObject({ connected: false, events: 1 });
    broker.ctl("change_password", "dais", "first");
    await expect.poll(() => inbox.applied.size).toBe(2);
    // And the right to write there, which the broker takes away without closing anything.
    broker.ctl("set_permissions", "dais", ".*", "^dais[.]commands[.].*", ".*");
    broker.ctl("close_all_user_connections", "dais", "other permissions");
    seen.length = 0;
    await home.touch(here);
    await expect.poll(() => seen).toContain("failed ACCESS_REFUSED");
    broker.ctl("set_permissions", "dais", ".*", ".*", ".*");
    await expect.poll(() => inbox.applied.size).toBe(3);
  });

  test("who has lost the way to the broker lets another worker publish", async () => {
    const here = await home.place();
    broker.ctl("add_user", "leader", "first");
    broker.ctl("set_permissions", "leader", ".*", ".*", ".*");
    const inbox = await inboxOf(outsider(broker.url), here.slug);
    const leader = await home.over({ at: broker.url.replace("guest:guest", "leader:first") });
    await home.touch(here);
    await expect.poll(() => inbox.applied.size).toBe(1);
    await home.over();
    broker.ctl("change_password", "leader", "second");
    broker.ctl("close_all_user_connections", "leader", "the password has changed");
    await expect.poll(() => leader.amqpWaiting()).toMatchObject({ connected: false });
    await home.touch(here);
    await expect.poll(() => inbox.applied.size).toBe(2);
  });
});
