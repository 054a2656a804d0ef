import { startJobs } from "@dais/jobs/start";
import { dispatchJobs } from "@dais/modules/dispatches";
import { afterEach, beforeAll, expect, inject, test } from "vitest";
import { type Answer, fallback, retry, type StandIn, standIn } from "./support/courier.ts";
import { door } from "./support/courier-http.ts";
import { type DispatchHome, dispatchHome, step } from "./support/dispatch-home.ts";
import { afterwards, cleanUp, program } from "./support/programs.ts";

/** 10 000 where somebody wants the whole. */
const many = Number(process.env.DAIS_CRASH_RECIPIENTS ?? 400);
/** Time goes by so much faster, for the waits of the ladder and of lost answers. */
const speed = 10;

let home: DispatchHome;
beforeAll(async () => {
  home = await dispatchHome({ speed });
});
afterEach(cleanUp);

/** A worker in a process of its own, that a test can kill. */
async function spawnWorker(port: number) {
  const settings = { PORT: "0", PUBLIC_URL: "http://dais.test", DAIS_ROLE: "worker", REDIS_URL: inject("redis") };
  const child = program(`
    import { randomBytes } from "node:crypto";
    import { readConfig } from "@dais/api/config";
    import { logger } from "@dais/api/log";
    import { server } from "@dais/api/server";
    import { httpCourier } from "./test/support/courier-http.ts";
    const { url } = await server({
      config: readConfig(${JSON.stringify(settings)}),
      connection: ${JSON.stringify(home.connection)},
      cursorKey: new Uint8Array(32),
      sources: { now: () => new Date(${home.clock.origin} + (Date.now() - ${home.clock.origin}) * ${speed}), random: randomBytes },
      log: logger("silent"),
      carriers: async () => ({
        couriers: [httpCourier("whatsapp", ${port}, false), httpCourier("email", ${port}, true)],
        readers: [],
        close: async () => {},
      }),
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

/** The same for the same message: a number from 0 to 99. */
const chanceOf = (text: string) => Number.parseInt(text.slice(-6), 16) % 100;

/** Of a hundred: some are refused for now, some for good, some answers are lost on their way there, and some on their way back. */
function faulty({ key }: { key: string }): Answer {
  const chance = chanceOf(key);
  if (chance < 4) return retry("429", 500);
  if (chance < 7) return retry("500");
  if (chance < 10) return fallback("63024");
  if (chance < 13) return "lost before";
  return chance < 17 ? "lost after" : "takes";
}

test(`${many} recipients, three SIGKILLs of the worker, faults of all kinds: each comes to an end, none is lost, none gets a message twice`, async () => {
  const { here, api } = await home.at();
  await home.crowd(here, many);
  const whatsapp: StandIn = standIn("whatsapp", { answers: faulty });
  const email: StandIn = standIn("email", { honoursKeys: true, answers: faulty });
  const standing = await door([whatsapp, email]);
  afterwards(() => standing.close());
  const { server, connection, sources } = home;
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const pace = { poll: 0.5, supervise: 1, cron: 1 };
  const jobs = await startJobs({ connection, ...server, jobs: dispatchJobs.jobs, schedules: [], sources, log, pace });
  afterwards(() => jobs.stop(5));

  const { id, recipients } = await home.tell(api, [], {
    audience: { entityIds: [here.entities.company] },
    steps: [step("whatsapp", "delivered", 2), step("email", "sent")],
  });
  expect(recipients).toBe(many);

  // What is told comes twice, in the wrong order, and sometimes before the answer.
  let told = 0;
  const telling = setInterval(async () => {
    const some = whatsapp.taken.slice(told, told + 200);
    told += some.length;
    for (const { vendorId, key } of some) {
      const of = (status: string, more: object = {}) =>
        ({
          kind: "status",
          vendorId,
          status,
          code: null,
          digest: `${vendorId} ${status}`,
          ...more,
        }) as never;
      const chance = chanceOf(key.slice(0, -3));
      if (chance < 80) await home.told(whatsapp.vendor, of("delivered"), of("sent"), of("delivered"));
      else if (chance < 90) await home.told(whatsapp.vendor, of("failed", { code: "63032" }));
    }
  }, 200);
  afterwards(() => clearInterval(telling));

  const handed = () => whatsapp.taken.length;
  for (const part of [0.15, 0.35, 0.55]) {
    const worker = await spawnWorker(standing.port);
    await expect.poll(handed, { timeout: 300_000, interval: 5 }).toBeGreaterThanOrEqual(part * many);
    await worker.kill();
  }
  const last = await spawnWorker(standing.port);
  const second = await spawnWorker(standing.port);
  await expect.poll(async () => (await home.dispatch(id))?.state, { timeout: 600_000, interval: 250 }).toBe("finished");

  const rows = await home.recipients(id);
  expect(rows).toHaveLength(many);
  expect(rows.filter((row) => row.next_at !== null || ["queued", "sending"].includes(row.state))).toEqual([]);
  const got = new Set([...whatsapp.taken, ...email.taken].map(({ to }) => to));
  const people = await home.owner`select id, phone, email from people where tenant_id = ${here.tenantId}`;
  const without = people
    .filter(({ phone, email: mail }) => !got.has(phone) && !got.has(mail))
    .map(({ id: person }) => person);
  // Whom nothing has reached is told to be so.
  const said = rows.filter(
    ({ person_id, state }) => without.includes(person_id) && !["failed", "undetermined"].includes(state),
  );
  expect(said).toEqual([]);
  for (const { taken } of [whatsapp, email]) expect(new Set(taken.map(({ to }) => to)).size).toBe(taken.length);
  // What the ledger says was taken, was.
  const ledger = await home.ledger(id);
  const by = new Set([...whatsapp.taken, ...email.taken].map(({ vendorId }) => vendorId));
  expect(ledger.filter(({ state, vendor_id }) => state === "taken" && !by.has(vendor_id))).toEqual([]);
  expect(ledger.filter(({ state }) => state === "handing" || state === "unknown")).toEqual([]);
  const [audited] =
    await home.owner`select count(*)::int as n from audit where tenant_id = ${here.tenantId} and resource_type = 'dispatch_recipient' and event = 'hand'`;
  expect(audited?.n).toBeGreaterThan(many / 2);
  const [day] = await home.owner`select reserved from dispatch_days where tenant_id = ${here.tenantId}`;
  expect(day?.reserved).toBe(ledger.filter(({ state }) => ["taken", "undetermined"].includes(state)).length);
  for (const { url } of [last, second]) {
    const page = await (await fetch(`${url}/metrics`)).text();
    expect(page).toMatch(/^dais_dispatches_due\S* \d+$/m);
  }
}, 900_000);
