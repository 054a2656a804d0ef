import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { bundle } from "../../../scripts/bundle.ts";
import type { Bench } from "../bench.ts";
import { spread } from "../compare.ts";
import type { Stage } from "../stage.ts";

const runs = 9;
const root = join(import.meta.dirname, "../../..");

export const start: Bench = {
  name: "start",
  title: "Start",
  about: `From the process's beginning until it serves, on a database that is up to date, in production mode; median of ${runs}.`,
  async run(stage) {
    const place = await stage();
    const bundled = await starts(place, await bundle());
    const source = await starts(place, join(root, "apps/api/main.ts"));
    return [
      { figure: "Bundled", measured: `${bundled.ms.toFixed(0)} ms`, bar: { text: "≤ 500 ms", met: bundled.ms <= 500 } },
      {
        figure: "Bundled, resident",
        measured: `${bundled.mb.toFixed(0)} MB`,
        bar: { text: "≤ 110 MB", met: bundled.mb <= 110 },
      },
      { figure: "From source", measured: `${source.ms.toFixed(0)} ms, ${source.mb.toFixed(0)} MB` },
    ];
  },
};

async function starts(place: Stage, file: string): Promise<{ ms: number; mb: number }> {
  const all: { ms: number; mb: number }[] = [];
  for (let run = 0; run < runs; run++) all.push(await started(place, file));
  return { ms: spread(all.map(({ ms }) => ms)).median, mb: spread(all.map(({ mb }) => mb)).median };
}

async function started({ postgres, redis }: Stage, file: string): Promise<{ ms: number; mb: number }> {
  const { host, port, username, password, database } = postgres;
  const login = `${encodeURIComponent(username)}${password ? `:${encodeURIComponent(password)}` : ""}`;
  const env = {
    NODE_ENV: "production",
    PORT: "0",
    PUBLIC_URL: "http://dais.test",
    DATABASE_URL: `postgres://${login}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`,
    REDIS_URL: redis,
    CURSOR_SECRET: "0".repeat(32),
    SEAL_KEYS: `test:${Buffer.alloc(32, 1).toString("base64")}`,
  };
  const begin = performance.now();
  const child = spawn(process.execPath, [file], { env, stdio: ["ignore", "pipe", "inherit"] });
  let ms = Number.NaN;
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.includes('"ready"')) ms = performance.now() - begin;
    if (ms) break;
  }
  if (Number.isNaN(ms)) throw new Error(`${file} did not start.`);
  const pages = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1];
  child.kill("SIGKILL");
  await once(child, "exit");
  return { ms, mb: Number(pages) / 1000 };
}
