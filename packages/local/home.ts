import { createHash } from "node:crypto";
import { accessSync, chmodSync, constants, lstatSync, mkdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";

/** The checkout's root, whatever folder a command was started from. */
export const checkout = realpathSync(resolve(import.meta.dirname, "../.."));

/** Who Postgres runs as: it refuses to be root. */
export interface ServerUser {
  uid: number;
  gid: number;
  /** Whether a child has to be given this user, which only root can and must do. */
  drop: boolean;
}

/**
 * The folder for the data of this checkout's instance: another checkout on the same machine has another one.
 *
 * It lies outside the checkout, because a server that isn't root's can't enter a checkout that only root can read.
 */
export function dataHome(): string {
  return secureFolder(join(dataRoot(), shortHash(checkout)));
}

/**
 * Where everything lives that is not the checkout's own: `DAIS_HOME`, or /var/lib/dais for root and the XDG data folder
 * for everybody else, or a folder in /var/tmp where neither can be written.
 *
 * @see https://specifications.freedesktop.org/basedir-spec/latest/
 */
export function dataRoot(): string {
  const wanted = process.env.DAIS_HOME;
  if (wanted) return secureFolder(resolve(wanted));
  const found = usualPlaces().find((path) => isWritable(path) && isReachable(path));
  if (found) return secureFolder(found);
  throw new Error(
    `No place for data: none of ${usualPlaces().join(", ")} can be written. Set DAIS_HOME to one that can.`,
  );
}

/** Makes the folder if need be, and refuses one that somebody else owns or may write in. */
export function secureFolder(path: string, mode = 0o711): string {
  const made = mkdirSync(path, { recursive: true, mode: 0o755 });
  const found = lstatSync(path);
  if (!found.isDirectory() || found.uid !== ownUid() || (found.mode & 0o022) !== 0) {
    throw new Error(`${path} must be a folder of your own that nobody else can write in.`);
  }
  // The caller's umask may have taken away what the server's user needs to pass through.
  if (made) chmodSync(path, ownUid() === 0 ? mode : mode & 0o700);
  return path;
}

/** The user to start Postgres as. `nobody`, because it is there on a bare machine and initdb wants a named user. */
export function serverUser(): ServerUser {
  if (ownUid() !== 0) return { uid: ownUid(), gid: process.getgid?.() ?? 0, drop: false };
  const entry = readFileSync("/etc/passwd", "utf8").match(/^nobody:[^:]*:(\d+):(\d+):/m);
  if (!entry) throw new Error('Postgres can\'t run as root, and this machine has no user "nobody" to run it as.');
  return { uid: Number(entry[1]), gid: Number(entry[2]), drop: true };
}

/** Whether the server's user can get to a folder: every folder above it lets others pass. */
export function isReachable(path: string): boolean {
  if (ownUid() !== 0) return true;
  const found = statSync(path, { throwIfNoEntry: false });
  const passes = !found || (found.mode & 0o001) !== 0;
  return passes && (dirname(path) === path || isReachable(dirname(path)));
}

/** Eight characters that stand for a text: socket paths must stay short. */
export function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}

export function ownUid(): number {
  return process.getuid?.() ?? 0;
}

function usualPlaces(): string[] {
  const shared = `/var/tmp/dais-${ownUid()}`;
  if (ownUid() === 0) return ["/var/lib/dais", shared];
  return [join(process.env.XDG_DATA_HOME || join(homedir(), ".local/share"), "dais"), shared];
}

function isWritable(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) return dirname(path) !== path && isWritable(dirname(path));
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    return found.isDirectory();
  } catch {
    return false;
  }
}
