import { type Sources, uuidMaker } from "@dais/kernel/ids";
import type { Connection } from "@dais/kernel/lane";
import type { Schedule } from "@dais/kernel/schedules";
import type { JobWithMetadata, PgBoss, WorkOptions } from "pg-boss";
import { bossOn, type Pace, usualPace } from "./boss.ts";
import { checkCron } from "./due.ts";
import type { Ticket } from "./rows.ts";
import { type RunnerOptions, runner } from "./run.ts";
import { type Retain, sweeps as sweepsOf, usualRetain } from "./sweeps.ts";
import { type Execute, fire } from "./tick.ts";

export type JobsOptions = Pick<RunnerOptions, "kernel" | "app" | "jobs" | "log"> & {
  /** Of a user who may become dais_system. */
  connection: Connection;
  schedules: readonly Schedule[];
  sources: Sources;
  retain?: Partial<Retain>;
  pace?: Partial<Pace>;
  /** Jobs that run in this process at the same time. */
  concurrency?: number;
  /** Jobs of one tenant that run at the same time, in all processes together: a tenant's rush leaves room for others. */
  perTenant?: number;
};

export type Jobs = {
  /** Takes no more jobs, and lets those under way end; one that takes longer is tried again, here or elsewhere. */
  stop(drainSeconds?: number): Promise<void>;
};

/**
 * Runs jobs and schedules in this process, together with all other processes that do. Loads pg-boss, so import it where it is needed.
 * @throws Error where the database can't be reached, or has another version of pg-boss than this one
 */
export async function startJobs(options: JobsOptions): Promise<Jobs> {
  const { connection, sources, log, concurrency = 4, perTenant = 3 } = options;
  for (const schedule of options.schedules) checkCron(schedule);
  const pace = { ...usualPace, ...options.pace };
  const boss = bossOn(connection, pace);
  boss.on("error", (error) => log.error({ err: error }, "jobs: pg-boss"));
  boss.on("warning", ({ message, data }) => log.warn({ data }, `jobs: ${message}`));
  let stopping = false;
  const newId = uuidMaker(sources);
  const { run, bury } = runner({ ...options, newId, now: sources.now, stopping: () => stopping });
  const sweeps = sweepsOf({ ...usualRetain, ...options.retain });

  try {
    await boss.start();
    // Who is on time hears of each minute once; who was away, of one for all that were missed.
    await boss.schedule("tick", "* * * * *", null, { tz: "UTC", missed: "once" });
    const often = { pollingIntervalSeconds: pace.poll, notifyPollingIntervalSeconds: pace.poll };
    const seldom = { pollingIntervalSeconds: pace.poll * 3, notifyPollingIntervalSeconds: pace.poll * 3 };
    for (let n = 0; n < concurrency; n += 1)
      await work<Ticket>(boss, "jobs", { ...often, groupConcurrency: perTenant }, (job) =>
        run(job.data, job.retryCount >= job.retryLimit),
      );
    await work<Ticket>(boss, "dead", seldom, (job) => logged("dead", bury(job.data)));
    await work(boss, "tick", seldom, () => logged("tick", tick(boss, { ...options, sweeps, newId }, sources.now())));
    await work<{ sweep: string }>(boss, "sweep", seldom, ({ data }) => logged(data.sweep, sweep(data.sweep)));
  } catch (error) {
    await boss.stop({ graceful: false });
    throw error;
  }

  async function sweep(name: string): Promise<void> {
    const removed = await sweeps.find((one) => one.name === name)?.run(on(boss.getDb()), sources.now());
    if (removed) log.info({ sweep: name, removed }, "swept");
  }

  /** What fails here is tried again, and shown to nobody. */
  function logged(what: string, done: Promise<void>): Promise<void> {
    return done.catch((error) => {
      log.error({ err: error, what }, "the server's own work failed");
      throw error;
    });
  }

  return {
    async stop(drainSeconds = 10) {
      stopping = true;
      await boss.stop({ graceful: true, timeout: drainSeconds * 1000 });
    },
  };
}

/** Takes one job after the other; left to itself, a worker of pg-boss would wait after each until it is time to look again. */
async function work<Data extends object>(
  boss: PgBoss,
  queue: string,
  options: WorkOptions,
  handle: (job: JobWithMetadata<Data>) => Promise<void>,
): Promise<void> {
  let id = "";
  id = await boss.work(queue, { ...options, includeMetadata: true as const }, async (jobs: JobWithMetadata<Data>[]) => {
    try {
      for (const job of jobs) await handle(job);
    } finally {
      boss.notifyWorker(id);
    }
  });
}

/** Fires what has come due. Whether that is told to pg-boss and remembered is one transaction. */
async function tick(boss: PgBoss, options: Parameters<typeof fire>[1], now: Date): Promise<void> {
  const transaction = await boss.getDb().beginTransaction?.();
  if (!transaction) throw new Error("pg-boss has no connection of its own");
  try {
    for (const sweep of await fire(on(transaction.db), options, now))
      await boss.send("sweep", { sweep }, { singletonKey: sweep, db: transaction.db });
    await transaction.commit();
  } catch (error) {
    await transaction.rollback();
    throw error;
  }
}

const on =
  (db: ReturnType<PgBoss["getDb"]>): Execute =>
  async (text, params) =>
    (await db.executeSql(text, [...params])).rows;
