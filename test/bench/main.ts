/**
 * Measures what the server costs, and writes it down in docs/performance.md: `npm run bench [NAME …]`. Without a name, all of
 * them. Exits 1 where a name is unknown; a bar that is missed is told, and is no error.
 */
import type { Bench } from "./bench.ts";
import { benches } from "./benches/index.ts";
import { report } from "./report.ts";
import { type Stage, setStage } from "./stage.ts";

const names = process.argv.slice(2);
const unknown = names.filter((name) => !benches.some((bench) => bench.name === name));
if (unknown.length > 0) {
  process.stderr.write(
    `No such bench: ${unknown.join(", ")}. There are: ${benches.map(({ name }) => name).join(", ")}\n`,
  );
  process.exit(1);
}
// The servers that it started end with this process.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(130));

let stage: Promise<Stage> | undefined;
const usual = () => (stage ??= setStage());
for (const bench of benches) if (names.length === 0 || names.includes(bench.name)) await measure(bench);
await (await usual()).stop();
process.exit(0);

async function measure(bench: Bench): Promise<void> {
  const { versions } = await usual();
  process.stdout.write(`\n${bench.title}\n`);
  const rows = await bench.run(usual);
  for (const { figure, measured, bar } of rows)
    process.stdout.write(`  ${figure}: ${measured}${bar ? ` [${bar.text}: ${bar.met ? "met" : "MISSED"}]` : ""}\n`);
  report(bench, rows, versions);
}
