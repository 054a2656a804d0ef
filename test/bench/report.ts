import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import type { Bench, Row } from "./bench.ts";
import { benches } from "./benches/index.ts";
import type { Stage } from "./stage.ts";

const file = join(import.meta.dirname, "../../docs/performance.md");

/** Writes a bench's section of docs/performance.md; the others stay as they were measured. */
export function report(bench: Bench, rows: readonly Row[], versions: Stage["versions"]): void {
  const old = existsSync(file) ? readFileSync(file, "utf8") : "";
  const sections = benches.flatMap((each) => {
    if (each.name === bench.name) return [section(bench, rows, versions)];
    const kept = new RegExp(`<!-- ${each.name} -->\n[\\s\\S]*?<!-- /${each.name} -->`).exec(old)?.[0];
    return kept ? [kept] : [];
  });
  writeFileSync(file, `${head}\n${sections.join("\n\n")}\n`);
}

const head = `<!-- Written by \`npm run bench\`: change test/bench, not this. -->
# Performance

What the server costs, as ratios to servers written by hand, so that the machine matters little. A ratio is of CPU time per request,
measured by the process itself, in 14 paired rounds turn by turn; given are the median, in brackets the quartiles, and then the CPU of one
request on each side. The load comes from another process on the same machine. Benches and the servers by hand are in \`test/bench\`, and a
test holds that these answer the same. \`npm run bench\` measures everything, \`npm run bench NAME …\` some of it; with \`BENCH_PROFILE=FOLDER\`
every server leaves a CPU profile there.
`;

function section({ name, title, about }: Bench, rows: readonly Row[], versions: Stage["versions"]): string {
  return [
    `<!-- ${name} -->`,
    `## ${title}`,
    "",
    about,
    "",
    "| figure | measured | bar | |",
    "| --- | --- | --- | --- |",
    ...rows.map(({ figure, measured, bar }) => `| ${figure} | ${measured} | ${bar?.text ?? "–"} | ${verdict(bar)} |`),
    "",
    `\`npm run bench ${name}\`, ${new Date().toISOString().slice(0, 10)}. ${machine(versions)}`,
    `<!-- /${name} -->`,
  ].join("\n");
}

const verdict = (bar: Row["bar"]) => (bar ? (bar.met ? "met" : "**missed**") : "");

function machine({ postgres, redis }: Stage["versions"]): string {
  const all = cpus();
  const model = all[0]?.model.trim() ?? "unknown CPU";
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  return `${all.length} cores (${model}), ${memory}; Node ${process.versions.node}, Postgres ${postgres}, Redis ${redis}.`;
}
