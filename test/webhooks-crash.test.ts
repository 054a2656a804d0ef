import { afterEach, beforeAll, expect, inject, test } from "vitest";
import { happens } from "./support/events.ts";
import { cleanUp, program } from "./support/programs.ts";
import { type Received, taken } from "./support/webhooks.ts";
import { heard, type WebhooksHome, webhooksHome } from "./support/webhooks-home.ts";

const events = 600;

let home: WebhooksHome;
beforeAll(async () => {
  home = await webhooksHome();
});
afterEach(cleanUp);

/** A worker in a process of its own, that a test can kill. */
async function spawnWorker() {
  const settings = {
    ...{ PORT: "0", PUBLIC_URL: "http://dais.test", DAIS_ROLE: "worker", REDIS_URL: inject("redis") },
    ...home.env,
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
    });
    console.log(url);
  `);
  const url = await child.line();
  if (!url.startsWith("http")) throw new Error("the worker did not start");
  return {
    url,
    kill: () => {
      child.kill("SIGKILL");
      return child.end;
    },
  };
}

test(`${events} events to three webhooks, three SIGKILLs of the worker: none lost, none applied twice by who keeps an inbox`, async () => {
  const { here, api } = await home.at();
  /** Of each receiver: what it has taken in, by its id. */
  const inboxes = [0, 1, 2].map(() => new Map<string, string>());
  let came = 0;
  const receivers = inboxes.map((inbox) =>
    home.outside.at((response, received: Received) => {
      came += 1;
      const { subject } = JSON.parse(received.body);
      const id = String(received.headers["webhook-id"]);
      // Whoever gets it twice gets the same.
      if (inbox.has(id) && inbox.get(id) !== subject) throw new Error("another event under the same id");
      inbox.set(id, subject);
      // Some die between the receiver's yes and our noting it.
      setTimeout(() => taken(response, received), came % 7);
    }),
  );
  for (const { url } of receivers) await heard(api, url, { types: ["signal.ingested"] });
  const subjects = await happens(home.server, here, { times: events });
  const applied = () => inboxes.reduce((sum, inbox) => sum + inbox.size, 0);
  for (const part of [0.2, 0.4, 0.6]) {
    const worker = await spawnWorker();
    await expect.poll(applied, { timeout: 60_000, interval: 10 }).toBeGreaterThanOrEqual(part * 3 * events);
    await worker.kill();
    expect(applied()).toBeLessThan(3 * events);
  }
  const last = await spawnWorker();
  await expect.poll(applied, { timeout: 60_000, interval: 20 }).toBe(3 * events);
  const waiting = () =>
    home.owner`select state, count(*)::int as count from webhook_deliveries where tenant_id = ${here.tenantId} group by 1`;
  await expect.poll(waiting, { timeout: 30_000 }).toEqual([{ state: "delivered", count: 3 * events }]);
  for (const inbox of inboxes) expect([...inbox.values()].sort()).toEqual([...subjects].sort());
  const page = await (await fetch(`${last.url}/metrics`)).text();
  expect(page).toMatch(/^dais_webhooks_delivery_duration_count\S* \d+$/m);
  await expect
    .poll(async () => (await fetch(`${last.url}/metrics`)).text(), { timeout: 20_000 })
    .toMatch(/^dais_webhooks_due\S* 0$/m);
}, 180_000);
