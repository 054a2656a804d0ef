import { spawn } from "node:child_process";
import { join } from "node:path";

const main = join(import.meta.dirname, "../../../packages/verify/main.ts");

/** Runs the verifier as an auditor does. `flags` are for Node itself. */
export function verifier(
  args: string[],
  flags: string[] = [],
): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [...flags, main, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const said = { stdout: "", stderr: "" };
  for (const way of ["stdout", "stderr"] as const) {
    child[way].setEncoding("utf8").on("data", (part: string) => {
      said[way] += part;
    });
  }
  return new Promise((done, failed) => {
    child.once("error", failed);
    child.once("close", (status) => done({ status, ...said }));
  });
}
