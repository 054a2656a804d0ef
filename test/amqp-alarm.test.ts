import { uuidOf } from "@dais/contracts/kit/ids";
import { ownBroker } from "@dais/local/rabbitmq";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type AmqpHome, amqpCounting, amqpHome, fill, inboxOf, inOrder, outsider } from "./support/amqp.ts";
import { dead, opened } from "./support/amqp-commands.ts";
import { proxy } from "./support/proxy.ts";
import { startServer } from "./support/server.ts";

/** Long enough for a machine that is busy. */
const confirmMs = 3000;

let broker: Awaited<ReturnType<typeof ownBroker>>;
let home: AmqpHome;
beforeAll(async () => {
  broker = await ownBroker();
  afterAll(broker.stop);
  home = await amqpHome(broker.url);
});
afterEach(() => home.rest());
afterEach(() => alarm(false));

/** Of the memory that the broker may use: none, or as much as usual. */
const alarm = (on: boolean) => broker.ctl("set_vm_memory_high_watermark", on ? "0.0000001" : "0.4");

describe("a broker that asks for patience", () => {
  test("is given each event once, says so meanwhile, and has all of them when it is over", async () => {
    const here = await home.place();
    const { meter, seen } = amqpCounting();
    const worker = await home.over({ meter, confirmMs });
    const inbox = await inboxOf(outsider(broker.url), here.slug);
    await home.touch(here);
    await expect.poll(() => inbox.applied.size).toBe(1);
    alarm(true);
    await fill(home, here, 600, 20);
    const blocked = { connected: true, blocked: true, events: 600 };
    await expect.poll(() => worker.amqpWaiting(), { timeout: 30_000 }).toMatchObject(blocked);
    // For longer than the broker would be waited for otherwise.
    const lag = () => worker.amqpWaiting()?.lagSeconds;
    await expect.poll(lag, { timeout: 30_000 }).toBeGreaterThan((2 * confirmMs) / 1000);
    alarm(false);
    await expect.poll(() => inbox.applied.size, { timeout: 30_000 }).toBe(601);
    await home.touch(here);
    await expect.poll(() => inbox.applied.size).toBe(602);
    expect(inbox.came()).toBe(602);
    expect(worker.amqpWaiting()).toMatchObject({ blocked: false });
    expect(seen).toEqual([]);
  });

  test("holds nobody up who wants to stop; what waited goes out by the next worker, in its order", async () => {
    const here = await home.place();
    const worker = await home.over();
    const inbox = await inboxOf(outsider(broker.url), here.slug);
    await home.touch(here);
    await expect.poll(() => inbox.applied.size).toBe(1);
    alarm(true);
    await fill(home, here, 600, 20);
    await expect.poll(() => worker.amqpWaiting()).toMatchObject({ blocked: true });
    await worker.stop();
    alarm(false);
    await home.over();
    await expect.poll(() => inbox.applied.size, { timeout: 30_000 }).toBe(601);
    inOrder(new Map([...inbox.applied].filter(([, { subject }]) => /^ent_\d+$/.test(subject))), 30);
  });

  test("is given no command again that somebody replays, until it is over; what else there is to see to is seen to", async () => {
    const { here, admin, api } = await home.at();
    const it = await opened({ admin });
    const worker = await home.over();
    const other = outsider(broker.url);
    const there = () => other.queueDeclare({ queue: `${it.queue}.replies`, passive: true }).then(Boolean, () => false);
    await expect.poll(there).toBe(true);
    const out = other.createPublisher({ confirm: true });
    await out.send({ routingKey: it.queue, contentType: "application/json" }, Buffer.from("{"));
    await expect.poll(() => dead(api)).toMatchObject([{ errorCode: "malformed_json", attempts: 1 }]);
    const [{ id }] = (await dead(api)) as [{ id: string }];
    alarm(true);
    await home.touch(here);
    await expect.poll(() => worker.amqpWaiting()).toMatchObject({ blocked: true, dead: 1 });
    expect((await admin.post("/dead-commands/replay", { ids: [id] })).status).toBe(202);
    await home.owner`
      insert into dead_commands (id, tenant_id, integration_id, digest, bytes, error_code, attempts, failed_at)
      select gen_random_uuid(), tenant_id, integration_id, 'another', 0, error_code, 1, failed_at from dead_commands where id = ${uuidOf(id)}`;
    await expect.poll(() => worker.amqpWaiting(), { timeout: 30_000 }).toMatchObject({ blocked: true, dead: 2 });
    alarm(false);
    const replayed = async () => (await api.get(`/dead-commands/${id}`)).body;
    await expect.poll(replayed, { timeout: 30_000 }).toMatchObject({ state: "failed", attempts: 2 });
  });

  test("is told of in the metrics", async () => {
    const here = await home.place();
    const env = { AMQP_URL: broker.url, DAIS_ROLE: "worker" };
    const server = await startServer({ connection: home.connection, env });
    const metrics = async () => (await fetch(`${server.url}/metrics`)).text();
    await expect.poll(metrics).toMatch(/^dais_amqp_connected\S* 1$/m);
    expect(await metrics()).toMatch(/^dais_amqp_blocked\S* 0$/m);
    alarm(true);
    await home.touch(here);
    await expect.poll(metrics).toMatch(/^dais_amqp_blocked\S* 1$/m);
    expect(await metrics()).toMatch(/^dais_amqp_connected\S* 1$/m);
    alarm(false);
    await expect.poll(metrics).toMatch(/^dais_amqp_blocked\S* 0$/m);
    await server.stop();
  });
});

describe("a broker that hears nothing more, and doesn't say so", () => {
  test("is taken for one that is away: what was on its way comes once, and once more on another connection", async () => {
    const here = await home.place();
    const { port, username, password } = new URL(broker.url);
    const wire = await proxy({ host: "127.0.0.1", port: Number(port) });
    afterAll(wire.close);
    const { meter, seen } = amqpCounting();
    const at = `amqp://${username}:${password}@127.0.0.1:${wire.port}`;
    await home.over({ meter, at, confirmMs });
    const inbox = await inboxOf(outsider(broker.url), here.slug);
    await home.touch(here);
    await expect.poll(() => inbox.applied.size).toBe(1);
    wire.hold();
    await home.touch(here);
    await expect.poll(() => seen, { timeout: 30_000 }).toContain("failed CONNECTION_TIMEOUT");
    expect(seen[0]).toBe("failed TOO_LATE");
    wire.letGo();
    await expect.poll(() => inbox.applied.size, { timeout: 30_000 }).toBe(2);
    await home.touch(here);
    await expect.poll(() => inbox.applied.size, { timeout: 30_000 }).toBe(3);
    expect(inbox.came()).toBeLessThanOrEqual(4);
  });
});
