import { startJobs } from "@dais/jobs/start";
import { webhookJobs } from "@dais/modules/webhooks";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { happens } from "./support/events.ts";
import type { Place } from "./support/place.ts";
import { reaches } from "./support/webhooks.ts";
import { heard, type WebhooksHome, webhooksHome } from "./support/webhooks-home.ts";

let home: WebhooksHome;
let stopJobs: (() => Promise<void>) | undefined;
beforeAll(async () => {
  home = await webhooksHome();
});
afterEach(async () => {
  await stopJobs?.();
  await home.rest();
});

/** Runs jobs as a worker does. */
async function jobs() {
  const { kernel, app } = home.server;
  const sources = { now: () => new Date(), random: (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes)) };
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const pace = { poll: 0.5, supervise: 1, cron: 1 };
  const of = { connection: home.connection, kernel, app, jobs: webhookJobs.jobs, schedules: [], sources, log, pace };
  const started = await startJobs(of);
  stopJobs = () => started.stop(5);
}
const span = () => ({
  from: new Date(Date.now() - 3_600_000).toISOString(),
  to: new Date(Date.now() + 60_000).toISOString(),
});

/** Events of an hour ago, as a server would have kept them. */
const kept = ({ tenantId }: Place, count: number) =>
  home.owner`insert into webhook_messages (tenant_id, event_id, name, classification, occurred_at, created_at, body)
    select ${tenantId}, gen_random_uuid(), 'signal.ingested', 'internal', now() - interval '30 minutes' + n * interval '1 millisecond', now(),
      json_build_object('type', 'signal.ingested', 'subject', 'old ' || n)::text
    from generate_series(1, ${count}) n`;

describe("a replay", () => {
  test("brings what a webhook missed while it was off, and again what it had: same ids, same bytes", async () => {
    await home.send();
    await jobs();
    const { here, api } = await home.at();
    const receiver = home.outside.at();
    const { id } = await heard(api, receiver.url, { types: ["signal.ingested"] });
    const [first] = await happens(home.server, here, {});
    await reaches(receiver.got, 1);
    await api.post(`/webhooks/${id}/disable`, { version: 1 });
    const missed = await happens(home.server, here, { times: 3 });
    await happens(home.server, here, { what: "entity" });
    const messages = () =>
      home.owner`select 1 from webhook_messages where tenant_id = ${here.tenantId} and name in ('entity.created', 'signal.ingested')`;
    await expect.poll(async () => (await messages()).length, { timeout: 20_000 }).toBe(5);
    expect(receiver.got()).toHaveLength(1);
    await api.post(`/webhooks/${id}/enable`, { version: 2 });
    const { body } = await api.post(`/webhooks/${id}/replay`, span());
    expect(body.total).toBeGreaterThanOrEqual(5);
    await reaches(receiver.got, 5);
    const got = receiver.got();
    const again = got.slice(1).find(({ headers }) => headers["webhook-id"] === got[0]?.headers["webhook-id"]);
    expect(again?.body).toBe(got[0]?.body);
    expect(
      got
        .slice(1)
        .map(({ body }) => JSON.parse(body).subject)
        .sort(),
    ).toEqual([first, ...missed].sort());
    await expect.poll(async () => (await api.get(`/jobs/${body.jobId}`)).body.state).toBe("done");
    const log = await home.deliveries(id, api);
    expect(log.filter(({ replay }: { replay: boolean }) => replay)).toHaveLength(4);
  });

  test("puts nothing on its way that the webhook could never hear", async () => {
    await home.send();
    await jobs();
    const { here, api } = await home.at();
    const low = api.as(await here.key({ permissions: ["webhook.create", "signal.read"], clearance: "internal" }));
    const other = await here.person();
    const { id } = await heard(low, home.outside.at().url, { classification: "internal" });
    await api.post(`/webhooks/${id}/disable`, { version: 1 });
    await happens(home.server, here, { what: "entity" });
    const payload = { id: "ntf_01kejc8ht0e6ssypg6m30swm9x", personId: other.id };
    await home.write(here, { name: "notification.created", payload });
    await happens(home.server, here, {});
    const messages = () => home.owner`select name from webhook_messages where tenant_id = ${here.tenantId}`;
    const names = async () => (await messages()).map(({ name }) => name);
    const all = ["entity.created", "notification.created", "signal.ingested"];
    await expect.poll(names, { timeout: 20_000 }).toEqual(expect.arrayContaining(all));
    await api.post(`/webhooks/${id}/enable`, { version: 2 });
    const { body } = await api.post(`/webhooks/${id}/replay`, span());
    await expect.poll(async () => (await api.get(`/jobs/${body.jobId}`)).body.state, { timeout: 20_000 }).toBe("done");
    const log = async () => (await home.deliveries(id, api)).map(({ event, state }: never) => `${event} ${state}`);
    await expect.poll(log, { timeout: 20_000 }).toEqual(["signal.ingested delivered"]);
  });

  test("of 100 000 while live events go on: none of them waits behind it, and none of another webhook", async () => {
    await home.send();
    await jobs();
    const { here, api } = await home.at();
    const [receiver, other] = [home.outside.at(), home.outside.at()];
    const { id } = await heard(api, receiver.url, { types: ["signal.ingested", "signal.escalated"] });
    await kept(here, 100_000);
    const { body } = await api.post(`/webhooks/${id}/replay`, span());
    expect(body.total).toBeGreaterThanOrEqual(100_000);
    const queued = async () =>
      Number(
        (await home.owner`select count(*) from webhook_deliveries where tenant_id = ${here.tenantId} and bulk`)[0]
          ?.count,
      );
    await expect.poll(queued, { timeout: 60_000, interval: 100 }).toBe(100_000);
    await heard(api, other.url, { types: ["signal.ingested"] });
    const live = await happens(home.server, here, { times: 20 });
    await reaches(other.got, 20);
    const isLive = ({ body }: { body: string }) => live.includes(JSON.parse(body).subject);
    await reaches(() => receiver.got().filter(isLive), 20);
    // The replay is far from done, and goes on in its order.
    const old = receiver.got().filter((one) => !isLive(one));
    expect(old.length).toBeLessThan(50_000);
    const numbers = old.map(({ body }) => Number(JSON.parse(body).subject.slice(4)));
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    await expect.poll(async () => (await api.get(`/jobs/${body.jobId}`)).body.state, { timeout: 20_000 }).toBe("done");
  }, 180_000);
});
