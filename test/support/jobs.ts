import { type JobsOptions, startJobs } from "@dais/jobs/start";
import { record } from "@dais/kernel/audit";
import type { Ctx } from "@dais/kernel/context";
import { type AnyJob, enqueue, type Job, job } from "@dais/kernel/jobs";
import { task } from "@dais/kernel/task";
import postgres from "postgres";
import { expect, inject, vi } from "vitest";
import { z } from "zod";
import { dropDatabase, testDatabase } from "./database.ts";
import { afterFile } from "./ending.ts";
import { type Place, place } from "./place.ts";
import { startServer } from "./server.ts";

/** A database of the test file's own: whoever runs jobs takes all that there are. Dropped after the file. */
export async function ownDatabase() {
  const database = await testDatabase(inject("postgres"), inject("template"));
  const owner = postgres({ ...database, max: 4, onnotice: () => {} });
  const connection = { ...inject("login"), database: database.database };
  const later = { now: () => new Date() };
  const server = await startServer({ connection, sources: { now: () => later.now() } });
  const stops: (() => Promise<void>)[] = [];
  afterFile(async () => {
    for (const stop of stops) await stop();
    await server.stop();
    await owner.end();
    await dropDatabase(database);
  });

  return {
    owner,
    connection,
    server,
    /** The clock of the server and its workers, which a test may set. */
    clock: later,
    place: (more: { now?: Date } = {}) => place({ owner, ...more }),
    /** Works as a process does, but looks around more often. */
    async work(jobs: readonly AnyJob[], more: Partial<JobsOptions> = {}) {
      const { kernel, app } = server;
      const sources = {
        now: () => later.now(),
        random: (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes)),
      };
      const pace = { poll: 0.5, supervise: 1, cron: 1 };
      const log = { debug() {}, info() {}, warn() {}, error() {} };
      const started = await startJobs({ connection, kernel, app, jobs, schedules: [], sources, log, pace, ...more });
      const stop = () => started.stop(5);
      stops.push(stop);
      return { stop };
    },
    /** Enqueues in a change of its own, as a command would. */
    async enqueue<In>(at: Place, it: Job<In>, data: In, timing?: Parameters<typeof enqueue>[3]): Promise<string> {
      const id = await server.kernel.perform(enqueueing, onOf(at), (ctx) => enqueue(ctx, it, data, timing));
      return id as string;
    },
    rows: (at: Place) => owner`select * from jobs where tenant_id = ${at.tenantId} order by id`,
    /** Waits until the job is so. */
    async until(id: string, fields: Record<string, unknown>, timeout = 40_000): Promise<Record<string, unknown>> {
      const read = async () => (await owner`select * from jobs where id = ${id}`)[0];
      await vi.waitFor(async () => expect(await read()).toMatchObject(fields), { timeout, interval: 50 });
      return (await read()) as Record<string, unknown>;
    },
    /** As the clock does each minute. */
    tick: () =>
      owner`with made as (insert into dais_jobs.job (name) values ('tick') returning id)
        select id, pg_notify('pgboss_' || left(encode(sha224('dais_jobs'), 'hex'), 24), 'tick') from made`,
  };
}

export const onOf = ({ tenantId }: Place) => ({
  tenantId,
  onBehalfOf: "per_01kejc8ht0e6ssypg6m30swmp3",
  requestId: "request-of-the-test",
  traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
});

/** A change that does whatever the test says. */
export const enqueueing = task({
  name: "entities.test",
  action: "entity.test",
  async run(ctx, what: (ctx: Ctx) => string | Promise<string>) {
    record(ctx, { resource: { type: "entity", id: null } });
    return what(ctx);
  },
});

/** A job that does whatever the test says, and leaves an audit entry behind for each time that it took effect. */
export const jobThat = (name: string, run: (ctx: Ctx, data: { n: number }) => unknown, more: Partial<AnyJob> = {}) =>
  job({
    name,
    action: name.replace(/s\./, "."),
    schema: z.strictObject({ n: z.int() }),
    retry: { limit: 2, delaySeconds: 0, backoff: false },
    expireSeconds: 60,
    async run(ctx, data) {
      await run(ctx, data);
      record(ctx, { resource: { type: "entity", id: null }, reason: `${name} ${data.n}` });
      return undefined;
    },
    ...(more as object),
  });
