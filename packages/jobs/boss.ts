import type { Connection } from "@dais/kernel/lane";
import { type ConstructorOptions, PgBoss } from "pg-boss";

/** How often a process looks, in seconds. */
export type Pace = {
  /** For a job that nothing announced: one whose time has come, or that is tried again. New ones are announced by NOTIFY. */
  poll: number;
  /** For jobs whose process went away, or that run for too long. One process does it for all. */
  supervise: number;
  /** Whether a minute has begun that nobody has told the schedules of. One process does it for all. */
  cron: number;
};
export const usualPace: Pace = { poll: 10, supervise: 30, cron: 20 };

/**
 * pg-boss as dais_system, on up to four connections of its own: by node-postgres, which it brings along and is made for. It never
 * migrates and owns nothing (see drizzle/migrations/0006_jobs_engine.sql), so what only an owner may do is switched off.
 */
export const bossOn = (connection: Connection, pace: Pace): PgBoss =>
  new PgBoss({
    ...loginOf(connection),
    // As a startup option it is what RESET ROLE goes back to.
    options: "-c role=dais_system -c TimeZone=UTC -c idle_in_transaction_session_timeout=30s",
    application_name: "dais jobs",
    max: 3,
    schema: "dais_jobs",
    migrate: false,
    createSchema: false,
    reindex: false,
    monitorVacuum: false,
    useListenNotify: true,
    superviseIntervalSeconds: pace.supervise,
    monitorIntervalSeconds: pace.supervise,
    maintenanceIntervalSeconds: 3600,
    // Jobs that wait for other jobs: we have none.
    flowIntervalSeconds: 86_400,
    cronMonitorIntervalSeconds: pace.cron,
    cronWorkerIntervalSeconds: Math.max(pace.poll, 1),
  });

/** What postgres.js calls by other names. */
function loginOf({ host, port, username, user, password, pass, database, ssl }: Connection): ConstructorOptions {
  const secret = password ?? pass;
  return {
    ...(host ? { host: [host].flat()[0] } : {}),
    ...(port ? { port: Number([port].flat()[0]) } : {}),
    ...((username ?? user) ? { user: username ?? user } : {}),
    ...(secret ? { password: secret as string | (() => Promise<string>) } : {}),
    ...(database ? { database } : {}),
    ...(ssl ? { ssl: sslOf(ssl) } : {}),
  };
}

/** `require` and its like encrypt without asking who is there, as postgres.js and libpq have them. */
const sslOf = (ssl: NonNullable<Connection["ssl"]>) => {
  if (typeof ssl === "object") return ssl;
  return typeof ssl === "string" && ssl !== "verify-full" ? { rejectUnauthorized: false } : true;
};
