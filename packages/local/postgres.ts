import { join } from "node:path";
import postgres from "postgres";
import { postgresBinaries } from "./binaries.ts";
import { type Cluster, clusterIn, initCluster, startCluster } from "./cluster.ts";
import { dataHome, secureFolder, serverUser } from "./home.ts";
import { lock } from "./lock.mjs";
import { accepts, type Postmaster, runningPostmaster, type StopMode, stopPostmaster, until } from "./postmaster.ts";
import { discard, sweepTemporary, temporaryFolder } from "./temporary.ts";

/** What the `postgres` driver takes; `host` may be the folder of a Unix socket. */
export interface PostgresConnection {
  host: string;
  port: number;
  username: string;
  database: string;
  password?: string;
  ssl?: "require" | "allow" | "prefer" | "verify-full";
}

export interface LocalPostgres {
  connection: PostgresConnection;
  /** For psql and other tools on libpq; the `postgres` driver can't read a socket's folder from a URL. */
  url: string;
  dataDir: string;
  pid: number;
  /** The server was running already: it outlived an earlier process, or another one has it, too. */
  reused: boolean;
  /** Stops the server, whoever started it. "fast" (the default) rolls back what is under way. Idempotent. */
  stop(mode?: StopMode): Promise<void>;
}

export interface PostgresOptions {
  /** Where the cluster lives. Default: a folder of this checkout's own, see `dataHome`. */
  dir?: string;
  /** The database to connect to, made if it isn't there. Default "dais". */
  name?: string;
  /** Only part of the socket's name: nothing listens on the network. Default 5432. */
  port?: number;
  /** Server settings on top of the defaults; they have no effect on a server that runs already. */
  settings?: Record<string, string | number>;
  /** A cluster for this process only, quick rather than safe, gone with it. */
  temporary?: boolean;
}

/**
 * Postgres on a machine that has none: started, or found running, on a Unix socket that only its user and root can open.
 *
 * Committed data survives the death of either process. Callers of the same folder share one server; as root the server
 * runs as `nobody`. The superuser is `postgres`, without a password.
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<LocalPostgres> {
  const { name = "dais", port = 5432, temporary = false } = options;
  const binaries = await postgresBinaries();
  if (temporary) await sweepTemporary();
  const dir = temporary ? temporaryFolder() : secureFolder(options.dir ?? join(dataHome(), "postgres"));
  const cluster = clusterIn(dir, port, binaries, serverUser());
  const held = await lock(join(dir, "lock"));
  try {
    for (let tries = 1; ; tries += 1) {
      const survivor = await findSurvivor(cluster);
      if (!survivor) await start(cluster, { ...(temporary ? quick : safe), ...options.settings }, !temporary);
      const server = survivor ?? (runningPostmaster(cluster.data) as Postmaster);
      const connection = { host: server.sockets, port: server.port, username: "postgres", database: name };
      // A survivor that dies just now may have been asked one moment too early.
      const served = await ensureDatabase(connection).catch((error) =>
        survivor && tries < 5 ? null : Promise.reject(error),
      );
      if (served !== null) return describe(cluster, server, connection, survivor !== undefined, temporary);
    }
  } finally {
    held.release();
  }
}

/** One plain connection, for scripts and tests that have no pool of their own. End it with `end()`. */
export function connectTo(connection: PostgresConnection): postgres.Sql {
  return postgres({ ...connection, max: 1, connect_timeout: 10, fetch_types: false, onnotice: () => {} });
}

const always = { max_connections: 200, timezone: "UTC", log_timezone: "UTC" };
const safe = { ...always, fsync: "on" };
const quick = { ...always, fsync: "off", synchronous_commit: "off", full_page_writes: "off", shared_buffers: "64MB" };

async function start(cluster: Cluster, settings: Record<string, string | number>, durable: boolean): Promise<void> {
  await initCluster(cluster, durable);
  await startCluster(cluster, settings);
}

async function findSurvivor(cluster: Cluster): Promise<Postmaster | undefined> {
  // One that is recovering or stopping is neither ready nor gone: it will be one of both. One that was killed a moment
  // ago still looks ready, so it has to take a connection.
  const settled = async () => {
    const found = runningPostmaster(cluster.data);
    return !found || (found.ready && (await accepts(found)));
  };
  if (!(await until(settled, 120)))
    throw new Error(`Postgres on ${cluster.data} neither starts nor stops; see ${cluster.log}.`);
  return runningPostmaster(cluster.data);
}

// Asked of the server, because only that proves that it takes connections.
async function ensureDatabase(connection: PostgresConnection): Promise<void> {
  const sql = connectTo({ ...connection, database: "postgres" });
  try {
    const { database } = connection;
    const [found] = await sql`select 1 from pg_database where datname = ${database}`;
    if (!found) await sql`create database ${sql(database)}`;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

function describe(
  cluster: Cluster,
  server: Postmaster,
  connection: PostgresConnection,
  reused: boolean,
  temporary: boolean,
): LocalPostgres {
  const { host, port, username, database } = connection;
  return {
    connection,
    url: `postgresql://${username}@${encodeURIComponent(host)}:${port}/${encodeURIComponent(database)}`,
    dataDir: cluster.data,
    pid: server.pid,
    reused,
    stop: (mode = "fast") => (temporary ? discard(cluster.dir) : stopPostmaster(cluster.data, mode)),
  };
}
