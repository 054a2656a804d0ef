import { monitorEventLoopDelay } from "node:perf_hooks";
import { Worker } from "node:worker_threads";
import { openPool } from "@dais/pdf/pool";
import { longDocument } from "../../support/pdf/documents.ts";
import type { Bench, Row } from "../bench.ts";
import { reads } from "../calls.ts";
import { quantile, spread } from "../compare.ts";
import { drive } from "../load.ts";
import { atRate } from "../openloop.ts";
import type { Stage } from "../stage.ts";
import { subject } from "../subject.ts";

const mb = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;

/** What a thread of its own does: one document, cold, and how much it has then. */
const measured = `
const { parentPort } = require("node:worker_threads");
parentPort.once("message", async ({ make, input }) => {
  const { make: making } = await import(make);
  const took = [];
  let pages = 0;
  for (let time = 0; time < 4; time++) {
    const began = performance.now();
    pages = (await making(input)).pages;
    took.push(performance.now() - began);
  }
  const { heapUsed, external } = process.memoryUsage();
  parentPort.postMessage({ took, pages, memory: heapUsed + external });
});`;

export const pdf: Bench = {
  name: "pdf",
  title: "Documents",
  about:
    "A briefing of about twenty pages with tables, in both languages, made in a thread; how late the main thread is while four are made; and what four do to those who read a list meanwhile, by HTTP, at a steady rate: the same number of reads with and without, turn by turn.",
  async run(stage) {
    const worker = new Worker(measured, {
      eval: true,
      resourceLimits: { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 32 },
    });
    const before = process.memoryUsage().rss;
    const make = import.meta.resolve("@dais/pdf/document/make");
    const answer = new Promise<{ took: number[]; pages: number; memory: number }>((resolve, reject) => {
      worker.once("message", resolve).once("error", reject);
    });
    worker.postMessage({ make, input: longDocument() });
    const { took, pages, memory } = await answer;
    const resident = process.memoryUsage().rss - before;
    await worker.terminate();
    const [first = 0, ...warm] = took;
    const slowest = Math.max(...took);

    const pool = openPool();
    await pool.render(longDocument());
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    await Promise.all(Array.from({ length: 4 }, () => pool.render(longDocument())));
    delay.disable();
    await pool.stop();
    const rows: Row[] = [
      {
        figure: `${pages} pages`,
        measured: `${first.toFixed(0)} ms the first, then ${Math.min(...warm).toFixed(0)}–${Math.max(...warm).toFixed(0)} ms`,
        bar: { text: "≤ 2.5 s", met: slowest <= 2_500 },
      },
      {
        figure: "Memory of the thread after four",
        measured: `${mb(memory)} in use, ${mb(resident)} resident`,
        bar: { text: "≤ 350 MB", met: resident <= 350e6 },
      },
      {
        figure: "How late the main thread is while four are made, the worst of a hundred times",
        measured: `${(delay.percentile(99) / 1e6).toFixed(1)} ms`,
      },
      await beside(await stage()),
    ];
    return rows;
  },
};

/** Reads each second: a tenth of what one server serves, so that what waits waits for the documents. */
const rate = 100;
const rounds = 10;
const bar = 2;

/** The time that all but the slowest of a hundred take to read a list, beside four documents that are made and without them. */
async function beside(stage: Stage): Promise<Row> {
  const server = await subject("printing", stage);
  const next = reads(stage, "/v1/signals?limit=20");
  const side = { subject: server, next, status: 200 };
  await drive(side, 5000);
  await server.print();
  const [withThem, without]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    let seconds = 3;
    const turns = [
      async () => {
        const began = performance.now();
        let done = false;
        const made = server.print().then(() => {
          done = true;
        });
        const times: number[] = [];
        while (!done) times.push(...(await atRate([server.port], next, rate, 0.5)).times);
        await made;
        seconds = (performance.now() - began) / 1000;
        withThem.push(late(times));
      },
      async () => without.push(late((await atRate([server.port], next, rate, seconds)).times)),
    ];
    for (const turn of round % 2 ? turns.reverse() : turns) await turn();
  }
  await server.stop();
  const ratio = spread(withThem.map((one, n) => one / (without[n] as number)));
  const ms = (all: readonly number[]) => `${spread(all).median.toFixed(2)} ms`;
  return {
    figure: `p99 of reading a list, ${rate} a second, while four are made`,
    measured: `${ratio.median.toFixed(2)} (${ratio.from.toFixed(2)}–${ratio.to.toFixed(2)}) times what it is without; ${ms(withThem)} to ${ms(without)}`,
    bar: { text: `≤ ${bar}`, met: ratio.median <= bar },
  };
}

const late = (times: readonly number[]): number =>
  quantile(
    times.toSorted((a, b) => a - b),
    0.99,
  );
