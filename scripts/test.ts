/**
 * Everything that must hold before a change goes in: lint, types, and the tests on a real Postgres and a real Redis,
 * a second time on the Postgres that `DATABASE_URL` names.
 *
 * Arguments go to Vitest (`npm test -- test/signals.test.ts`). The last line is the sum: `N passed, N failed`. What was
 * skipped counts as failed. Exits 1 if anything failed, 2 if there is no Postgres or Redis to test on.
 */
import type { ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testServices } from "@dais/local/services";
import { ended, startTool } from "./run.ts";
import { readReport, type Sum } from "./test-report.ts";

let current: ChildProcess | undefined;
const scratch = mkdtempSync(join(tmpdir(), "dais-report-"));
process.once("exit", () => rmSync(scratch, { recursive: true, force: true }));
// Not `once`: Ctrl-C may arrive twice, and the second would end this process in the middle of its cleaning up.
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, interrupt);

const args = process.argv.slice(2);
const { DATABASE_URL, ...inherited } = process.env;
// Servers take their time to start, and on a bare machine to be installed: lint and types need none of them.
const checking = checks();
const services = await testServices().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  leave(2);
});
const env = { ...inherited, DAIS_TEST_REDIS: services.redis, DAIS_TEST_AMQP: services.amqp };
const sums = await checking;
sums.push(await suites("embedded Postgres", JSON.stringify(services.postgres)));
if (DATABASE_URL && args.length === 0) sums.push(await suites("Postgres of DATABASE_URL", DATABASE_URL));
await services.stop();

const sum = (of: keyof Sum) => sums.reduce((total, each) => total + each[of], 0);
process.stdout.write(`${sum("passed")} passed, ${sum("failed")} failed\n`);
process.exitCode = sum("failed") === 0 ? 0 : 1;

async function checks(): Promise<Sum[]> {
  return [await check("Lint", "biome", ["check"]), await check("Types", "tsc", [])];
}

async function check(title: string, tool: string, flags: string[]): Promise<Sum> {
  process.stdout.write(`\n— ${title}\n`);
  const passed = (await run(tool, flags, inherited)) === 0;
  return { passed: passed ? 1 : 0, failed: passed ? 0 : 1 };
}

async function suites(title: string, postgres: string): Promise<Sum> {
  process.stdout.write(`\n— Tests on the ${title}\n`);
  const report = join(mkdtempSync(join(scratch, "run-")), "report.json");
  const flags = ["run", ...args, "--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const code = await run("vitest", flags, { ...env, DAIS_TEST_POSTGRES: postgres });
  const { lines, ...sum } = readReport(report, code, args);
  for (const line of lines) process.stdout.write(`${line}\n`);
  return sum;
}

// In a session of its own, so that a Ctrl-C reaches it once, through us, and its whole family can be ended.
function run(tool: string, flags: string[], env: NodeJS.ProcessEnv): Promise<number> {
  current = startTool(tool, flags, { env, detached: true });
  return ended(current);
}

function interrupt(name: NodeJS.Signals): never {
  leave(name === "SIGINT" ? 130 : 143);
}

// Leaving is enough: the temporary servers end with this process.
function leave(code: number): never {
  try {
    if (current?.pid) process.kill(-current.pid, "SIGKILL");
  } catch {}
  process.exit(code);
}
