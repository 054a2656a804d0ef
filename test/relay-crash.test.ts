import { afterEach, beforeAll, describe, expect, inject, test } from "vitest";
import type { Place } from "./support/place.ts";
import { cleanUp, program } from "./support/programs.ts";
import { type RelayHome, relayHome } from "./support/relay.ts";

/** Fewer with `EVENTS=1000`, where somebody is in a hurry. */
const events = Number(process.env.EVENTS ?? 10_000);
const resources = 200;

let home: RelayHome;
beforeAll(async () => {
  home = await relayHome();
});
afterEach(cleanUp);

/** A worker in a process of its own, that a test can kill. */
async function spawnWorker() {
  const settings = { PORT: "0", PUBLIC_URL: "http://dais.test", DAIS_ROLE: "worker", REDIS_URL: inject("redis") };
  const child = program(`
    import { randomBytes } from "node:crypto";
    import { readConfig } from "@dais/api/config";
    import { logger } from "@dais/api/log";
    import { server } from "@dais/api/server";
    import { taking } from "./test/support/consumers.ts";
    const { url } = await server({
      config: readConfig(${JSON.stringify(settings)}),
      connection: ${JSON.stringify(home.connection)},
      cursorKey: new Uint8Array(32),
      sources: { now: () => new Date(), random: randomBytes },
      log: logger("silent"),
      consumers: [taking("one"), taking("other")],
    });
    console.log(url);
  `);
  const url = await child.line();
  if (!url.startsWith("http")) throw new Error("the worker did not start");
  const kill = () => {
    child.kill("SIGKILL");
    return child.end;
  };
  return { url, kill };
}

/** `events` of them: each resource's versions from 1 on, mixed with those of the others. */
const fill = (here: Place) =>
  home.owner`
    insert into outbox (id, tenant_id, name, event_version, occurred_at, resource_type, resource_id, resource_version, payload, actor_kind,
      actor_id, request_id)
    select gen_random_uuid(), ${here.tenantId}, 'entity.updated', 1, ${new Date()}, 'entity', lpad(to_hex(n % ${resources}), 32, '0')::uuid,
      n / ${resources} + 1, '{}', 'client', 'key_test', 'filled'
    from generate_series(0, ${events - 1}) n`;

const done = async (here: Place): Promise<number> =>
  Number((await home.owner`select count(*) from taken where tenant_id = ${here.tenantId}`)[0]?.count);

async function reaches(here: Place, count: number): Promise<void> {
  await expect.poll(() => done(here), { timeout: 120_000, interval: 20 }).toBeGreaterThanOrEqual(count);
}

describe("a worker killed again and again", () => {
  test(`${events} events to two consumers, three SIGKILLs: none lost, none done twice, all in order`, async () => {
    const here = await home.place();
    await fill(here);
    const all = 2 * events;
    for (const part of [0.25, 0.5, 0.75]) {
      const worker = await spawnWorker();
      await reaches(here, part * all);
      await worker.kill();
      expect(await done(here)).toBeLessThan(all);
    }
    await spawnWorker();
    await reaches(here, all);
    await expect.poll(() => home.waiting(here), { timeout: 20_000 }).toBe(0);
    const rows = await home.owner`
      select consumer, resource_id, array_agg(version order by n) as versions from taken where tenant_id = ${here.tenantId} group by 1, 2`;
    expect(rows).toHaveLength(2 * resources);
    const inOrder = Array.from({ length: events / resources }, (_, n) => n + 1);
    for (const row of rows) expect(row.versions).toEqual(inOrder);
    expect(await home.dead(here)).toEqual([]);
  }, 180_000);

  test("killed between delivery and mark: delivered again, not done again", async () => {
    const here = await home.place();
    // The mark is kept from being written, so that the worker dies with it still to do.
    await home.owner.unsafe(`
      create function hang() returns trigger language plpgsql as $$ begin perform pg_advisory_lock_shared(1); return new; end $$;
      create trigger hang before update on outbox for each row execute function hang()`);
    const held = await home.owner.reserve();
    await held`select pg_advisory_lock(1)`;
    await home.touch(here);
    const dying = await spawnWorker();
    await reaches(here, 2);
    await dying.kill();
    expect(await home.waiting(here)).toBe(1);
    await held`select pg_advisory_unlock(1)`;
    held.release();
    await spawnWorker();
    await expect.poll(() => home.waiting(here), { timeout: 20_000 }).toBe(0);
    expect(await done(here)).toBe(2);
  });

  test("as worker it answers for its health and its metrics, and has no API", async () => {
    const { url } = await spawnWorker();
    const status = async (path: string) => (await fetch(`${url}${path}`)).status;
    expect(await status("/livez")).toBe(200);
    expect(await status("/v1/signals")).toBe(404);
    const metrics = async () => (await fetch(`${url}/metrics`)).text();
    await expect.poll(metrics, { timeout: 20_000 }).toMatch(/^dais_events_waiting\S* 0$/m);
    expect(await metrics()).toMatch(/^dais_events_lag\S* 0$/m);
  });
});
