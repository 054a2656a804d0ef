import { readdirSync, readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { shortHash } from "./home.ts";

/** A server as its own pid file tells of it (postmaster.pid, one fact a line). */
export interface Postmaster {
  pid: number;
  port: number;
  sockets: string;
  ready: boolean;
}

/** How Postgres is asked to stop: its own words and signals. */
export const stopSignals = { smart: "SIGTERM", fast: "SIGINT", immediate: "SIGQUIT" } as const;
export type StopMode = keyof typeof stopSignals;

/** The server that runs on a data folder, ready or not; undefined when the pid file is stale or missing. */
export function runningPostmaster(data: string): Postmaster | undefined {
  const lines = readLines(join(data, "postmaster.pid"));
  const pid = Number(lines[0]);
  if (!pid || !commandLine(pid)?.includes(data)) return undefined;
  return { pid, port: Number(lines[3]), sockets: lines[4] ?? "", ready: lines[7]?.trim() === "ready" };
}

/** Postgres' cluster_name, which stands in the title of its processes: tells them from those of other servers. */
export function clusterName(data: string): string {
  return `dais-${shortHash(data)}`;
}

/** Whether a server takes connections on its socket. */
export function accepts({ sockets, port }: Postmaster): Promise<boolean> {
  return new Promise((answer) => {
    const socket = connect(join(sockets, `.s.PGSQL.${port}`), () => answer(true));
    socket.once("connect", () => socket.destroy()).once("error", () => answer(false));
  });
}

/** Stops the server on a data folder and waits until nothing of it is left. */
export async function stopPostmaster(data: string, mode: StopMode): Promise<void> {
  const running = runningPostmaster(data);
  if (running) signal(running.pid, stopSignals[mode]);
  const gone = () => !runningPostmaster(data) && orphans(data).length === 0;
  if (await until(gone, 30)) return;
  throw new Error(`Postgres (process ${running?.pid}) did not stop within 30 s.`);
}

/**
 * Makes a data folder ready to be started again after its server was killed.
 *
 * A killed server's backends may live on for a moment, and two generations on one folder would destroy it. Only once
 * they are gone is the stale pid file removed: in a container its number soon belongs to somebody else, and Postgres
 * would then refuse to start.
 */
export async function clearRemains(data: string): Promise<void> {
  if (!(await until(() => orphans(data).length === 0, 5))) {
    for (const pid of orphans(data)) signal(pid, "SIGKILL");
    await until(() => orphans(data).length === 0, 5);
  }
  rmSync(join(data, "postmaster.pid"), { force: true });
}

/** Waits until something holds; false when it didn't within so many seconds. */
export async function until(holds: () => boolean | Promise<boolean>, seconds: number): Promise<boolean> {
  const end = performance.now() + seconds * 1000;
  while (!(await holds())) {
    if (performance.now() > end) return false;
    await sleep(10);
  }
  return true;
}

export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

// Told by their titles, "postgres: <cluster_name>: …", which root may read without being allowed to trace them.
function orphans(data: string): number[] {
  const title = `postgres: ${clusterName(data)}: `;
  const pids = readdirSync("/proc").map(Number).filter(Boolean);
  return pids.filter((pid) => commandLine(pid)?.[0]?.startsWith(title));
}

function commandLine(pid: number): string[] | undefined {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    return undefined;
  }
}

function readLines(path: string): string[] {
  try {
    return readFileSync(path, "utf8").split("\n");
  } catch {
    return [];
  }
}
