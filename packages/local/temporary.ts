import { chmodSync, lstatSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isReachable, ownUid } from "./home.ts";
import { isAlive, self } from "./lock.mjs";
import { runningPostmaster, signal, stopPostmaster, stopSignals } from "./postmaster.ts";

/** A folder for a cluster that ends with this process; its name says whose it is. */
export function temporaryFolder(): string {
  const { pid, started } = self();
  const dir = mkdtempSync(join(temporaryRoot(), `dais-${pid}-${started}-`));
  if (ownUid() === 0) chmodSync(dir, 0o711);
  process.once("exit", () => discardNow(dir));
  return dir;
}

/** Ends what killed processes left behind: their servers are stopped, their folders removed. */
export async function sweepTemporary(): Promise<void> {
  for (const name of readdirSync(temporaryRoot())) {
    const [, pid, started] = /^dais-(\d+)-(\d+)-/.exec(name) ?? [];
    if (!pid || isAlive({ pid: Number(pid), started: Number(started) })) continue;
    const dir = join(temporaryRoot(), name);
    const found = lstatSync(dir, { throwIfNoEntry: false });
    if (found?.isDirectory() && found.uid === ownUid()) await discard(dir);
  }
}

/** Stops the cluster without ceremony and removes it. */
export async function discard(dir: string): Promise<void> {
  await stopPostmaster(join(dir, "data"), "immediate");
  remove(dir);
}

// At the process's end no promise is waited for; what this doesn't manage, the next sweep does.
function discardNow(dir: string): void {
  const data = join(dir, "data");
  const running = runningPostmaster(data);
  if (running) signal(running.pid, stopSignals.immediate);
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let tries = 0; tries < 100 && runningPostmaster(data); tries++) Atomics.wait(pause, 0, 0, 10);
  remove(dir);
}

function remove(dir: string): void {
  try {
    rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
  } catch (error) {
    // A server that is just ending, or another sweep, may be at work in it.
    if (!["ENOENT", "ENOTEMPTY"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}

function temporaryRoot(): string {
  return isReachable(tmpdir()) ? tmpdir() : "/tmp";
}
