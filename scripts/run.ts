/** Runs one of the repository's tools and ends as it did: `scripts/run.ts TOOL [arguments]`. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";

export const root = join(import.meta.dirname, "..");

if (import.meta.main) {
  const [tool = "", ...args] = process.argv.slice(2);
  process.exitCode = await ended(startTool(tool, args));
}

/** Starts a tool in the repository's root, its output going where ours goes. */
export function startTool(tool: string, args: string[], options: { env?: NodeJS.ProcessEnv; detached?: boolean } = {}) {
  const path = join(root, "node_modules/.bin", tool);
  if (!tool || !existsSync(path)) {
    process.stderr.write(`No such tool: ${tool || "(none named)"}\n`);
    process.exit(2);
  }
  // There is no build step for the server: types are checked, nothing is written.
  const always = tool === "tsc" ? ["--noEmit"] : [];
  return spawn(path, [...always, ...args], { cwd: root, stdio: "inherit", ...options });
}

/** The exit code of a process once it has ended, in the shell's way when a signal ended it. */
export function ended(child: ChildProcess): Promise<number> {
  return new Promise((done, failed) => {
    child.once("error", failed);
    child.once("exit", (code, signal) => done(signal ? 128 + constants.signals[signal] : (code ?? 1)));
  });
}
