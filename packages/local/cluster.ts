import { spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
} from "node:fs";
import { join } from "node:path";
import { isReachable, ownUid, type ServerUser, secureFolder, shortHash } from "./home.ts";
import { clearRemains, clusterName, runningPostmaster, until } from "./postmaster.ts";

/** Everything about a database cluster that is known before it runs. */
export interface Cluster {
  dir: string;
  data: string;
  sockets: string;
  log: string;
  /** Postgres' cluster_name: how its processes are told from those of other servers. */
  name: string;
  port: number;
  binaries: string;
  user: ServerUser;
}

/** Lays a cluster's files out in a folder. */
export function clusterIn(dir: string, port: number, binaries: string, user: ServerUser): Cluster {
  if (!isReachable(dir))
    throw new Error(`Postgres runs as "nobody" and can't get to ${dir}: choose a folder that it can.`);
  const data = join(dir, "data");
  return {
    dir,
    data,
    sockets: socketFolder(dir, port),
    log: join(dir, "log"),
    name: clusterName(data),
    port,
    binaries,
    user,
  };
}

/**
 * Makes the data folder, once: it appears complete or not at all.
 *
 * The builtin C.UTF-8 locale sorts by code point and maps case by Unicode on every machine alike; a libc or ICU locale
 * would change order, and so corrupt indexes, whenever the machine's libraries do.
 */
export async function initCluster(cluster: Cluster, durable: boolean): Promise<void> {
  const { data, user, binaries } = cluster;
  if (existsSync(data)) return;
  const draft = `${data}.part`;
  rmSync(draft, { recursive: true, force: true });
  ownedFolder(draft, user);
  const locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
  const flags = ["--username=postgres", "--auth=trust", ...locale, ...(durable ? [] : ["--no-sync"])];
  const initdb = spawn(join(binaries, "bin/initdb"), ["-D", draft, ...flags], {
    ...identity(user),
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  initdb.stderr.on("data", (chunk) => (said += chunk));
  const code = await new Promise((done) => initdb.once("error", done).once("close", done));
  if (code !== 0) throw new Error(`initdb failed: ${code instanceof Error ? code.message : said.trim()}`);
  renameSync(draft, data);
}

/**
 * Starts the server and comes back when it takes connections.
 *
 * It gets a session of its own: Ctrl-C reaches everything in the terminal's foreground, and must not take the database
 * away from an application that is still finishing its work.
 */
export async function startCluster(cluster: Cluster, settings: Record<string, string | number>): Promise<void> {
  await clearRemains(cluster.data);
  ownedFolder(cluster.sockets, cluster.user);
  const flags = Object.entries(settings).flatMap(([key, value]) => ["-c", `${key}=${value}`]);
  const log = openSync(cluster.log, "w", 0o600);
  const server = spawn(
    join(cluster.binaries, "bin/postgres"),
    ["-D", cluster.data, ...flags, ...ownSettings(cluster)],
    {
      ...identity(cluster.user),
      detached: true,
      stdio: ["ignore", log, log],
    },
  );
  closeSync(log);
  let ended = false;
  let failure: Error | undefined;
  server.once("error", (error) => (failure = error)).once("exit", () => (ended = true));
  server.unref();
  const isReady = () => runningPostmaster(cluster.data)?.ready === true;
  await until(() => ended || failure !== undefined || isReady(), 120);
  if (!isReady()) throw new Error(`Postgres did not start: ${failure?.message ?? lastWords(cluster.log)}`);
}

function ownSettings({ sockets, port, name }: Cluster): string[] {
  const settings = {
    listen_addresses: "",
    unix_socket_directories: sockets,
    unix_socket_permissions: "0700",
    port,
    cluster_name: name,
    update_process_title: "on",
  };
  return Object.entries(settings).flatMap(([key, value]) => ["-c", `${key}=${value}`]);
}

// Nothing of the caller's environment: a PGDATA or LC_ALL of theirs would change the cluster.
function identity({ uid, gid, drop }: ServerUser) {
  const env = { PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" };
  return { cwd: "/", env, ...(drop ? { uid, gid } : {}) };
}

// A socket's path may have 107 bytes (unix(7)), so a deep folder needs a short one elsewhere.
function socketFolder(dir: string, port: number): string {
  const near = join(dir, "s");
  if (`${near}/.s.PGSQL.${port}.lock`.length < 107) return near;
  return join(secureFolder(`/tmp/dais-${ownUid()}`), shortHash(dir));
}

function ownedFolder(path: string, { uid, gid, drop }: ServerUser): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  chmodSync(path, 0o700);
  if (drop) chownSync(path, uid, gid);
}

function lastWords(log: string): string {
  const lines = readFileSync(log, "utf8").trim().split("\n");
  return lines.findLast((line) => /FATAL|PANIC/.test(line)) ?? lines.at(-1) ?? "it said nothing";
}
