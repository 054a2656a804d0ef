import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { createInterface } from "node:readline";

const root = resolve(import.meta.dirname, "../..");
const undone: (() => unknown)[] = [];

/** Has something done at the end of the test, last come first served. */
export function afterwards(undo: () => unknown): void {
  undone.push(undo);
}

/** Does what `afterwards` was told; for `afterEach`. */
export async function cleanUp(): Promise<void> {
  for (const undo of undone.splice(0).reverse()) await undo();
}

/** An empty folder that a server under another user can reach. Gone after the test. */
export function scratchFolder(): string {
  const dir = mkdtempSync("/tmp/dais-test-");
  chmodSync(dir, 0o711);
  afterwards(() => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }));
  return dir;
}

/** Another process that runs a piece of code of this repository's. Killed after the test. */
export function program(code: string) {
  const flags = ["--input-type=module-typescript", "--eval", code];
  return watch(spawn(process.execPath, flags, { cwd: root, stdio: ["pipe", "pipe", "inherit"] }));
}

/** A process as a test sees it: its lines one by one, and its end. */
export function watch(child: ChildProcess) {
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  const end = once(child, "exit") as Promise<[number | null, NodeJS.Signals | null]>;
  afterwards(() => child.kill("SIGKILL"));
  return {
    pid: child.pid,
    end,
    line: async (): Promise<string> => (await lines.next()).value ?? "",
    write: (text: string) => child.stdin?.write(text),
    kill: (signal: NodeJS.Signals) => child.kill(signal),
  };
}
