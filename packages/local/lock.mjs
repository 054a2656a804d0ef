/**
 * Locks between processes of one machine: a file that names its holder.
 *
 * Plain JavaScript, because `scripts/up.mjs` needs it on Node 20, before anything is installed.
 * A lock appears with its content in one step (link), so nobody reads half of one; the lock of a dead holder is taken
 * over, and a process number that the system has given to somebody else since is told by its start time.
 */
import { randomBytes } from "node:crypto";
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** Takes the lock, or says who holds it. */
export function tryLock(path, info = {}) {
  const mine = { ...self(), ...info };
  const draft = `${path}.${process.pid}.${randomBytes(4).toString("hex")}`;
  writeFileSync(draft, JSON.stringify(mine), { mode: 0o600 });
  try {
    for (;;) {
      if (link(draft, path)) return held(path, mine);
      const other = read(path);
      if (!other) continue;
      if (isAlive(other)) return { held: false, by: other };
      const taken = takeOver(path, other, draft);
      if (taken === true) return held(path, mine);
      if (taken) return taken;
    }
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Takes the lock, however long that takes; `onWait` is told once who is in the way. */
export async function lock(path, onWait = () => {}) {
  for (let told = false; ; told = true) {
    const attempt = tryLock(path);
    if (attempt.held) return attempt;
    if (!told) onWait(attempt.by);
    await sleep(20);
  }
}

/** The living holder of a lock, if there is one. */
export function holder(path) {
  const found = read(path);
  return found && isAlive(found) ? found : undefined;
}

/** Whether this very process still runs: not a zombie, and not a newer one under the same number. */
export function isAlive({ pid, started }) {
  return pid > 0 && startTime(pid) === started;
}

/** How this process is named in locks and folders. */
export function self() {
  return { pid: process.pid, started: startTime(process.pid) };
}

function held(path, mine) {
  return {
    held: true,
    update(info) {
      Object.assign(mine, info);
      const draft = `${path}.${process.pid}.${randomBytes(4).toString("hex")}`;
      writeFileSync(draft, JSON.stringify(mine), { mode: 0o600 });
      renameSync(draft, path);
    },
    release() {
      const found = read(path);
      if (found && isSame(found, mine)) rmSync(path, { force: true });
    },
  };
}

// Of all who find the same dead holder only one may replace it, or the second would replace the first's fresh lock.
// So they meet at a lock named after the dead one; whoever gets it looks again.
function takeOver(path, dead, draft) {
  const guard = tryLock(`${path}.${dead.pid}-${dead.started}`);
  if (!guard.held) return guard;
  try {
    const found = read(path);
    if (!found || !isSame(found, dead)) return false;
    renameSync(draft, path);
    return true;
  } finally {
    guard.release();
  }
}

function link(draft, path) {
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
}

function read(path) {
  try {
    const found = JSON.parse(readFileSync(path, "utf8"));
    return { ...found, pid: Number(found.pid), started: Number(found.started) };
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    // A power failure can leave an empty file: that is a dead holder, too.
    if (error instanceof SyntaxError) return { pid: 0, started: 0 };
    throw error;
  }
}

function isSame(a, b) {
  return a.pid === b.pid && a.started === b.started;
}

// In clock ticks since the machine started (proc_pid_stat(5), field 22); 0 for no process or a zombie.
function startTime(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return "ZX".includes(fields[0]) ? 0 : Number(fields[19]);
  } catch {
    return 0;
  }
}
