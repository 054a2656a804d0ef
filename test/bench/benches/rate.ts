import type { Bench, Row } from "../bench.ts";
import { reads } from "../calls.ts";
import type { Next } from "../load.ts";
import { drive } from "../load.ts";
import { atRate, type Outcome } from "../openloop.ts";
import { type Subject, subject } from "../subject.ts";

const seconds = 10;

export const rate: Bench = {
  name: "rate",
  title: "At a fixed rate",
  about:
    "Lists of 20, sent at a fixed rate whatever comes back; a request's time counts from when it was due. Load, servers, Postgres and Redis share the machine. Capacity: what 32 connections get out of one process that ask again as soon as they are answered.",
  async run(stage) {
    const place = await stage();
    const next = reads(place, "/v1/signals?limit=20");
    const one = await subject("dais", place);
    const capacity = await capacityOf(one, next);
    const half = Math.round(capacity / 2);
    const alone = await atRate([one.port], next, half, seconds);

    const other = await subject("dais", place);
    await drive({ subject: other, next, status: 200 }, 10_000);
    const both = await atRate([one.port, other.port], next, half, seconds);
    await other.stop();

    const over = await atRate([one.port], next, 2 * capacity, seconds);
    const after = await atRate([one.port], next, half, seconds);
    await one.stop();
    return [
      { figure: "Capacity of one process", measured: `${capacity}/s` },
      { figure: `One process at ${half}/s`, measured: spoken(alone) },
      { figure: `Two processes at ${half}/s together`, measured: spoken(both) },
      overload(over, capacity),
      {
        figure: `Right after that, at ${half}/s again`,
        measured: spoken(after),
        bar: { text: "all answered with 200", met: after.statuses.size === 1 && after.statuses.has(200) },
      },
    ];
  },
};

async function capacityOf(by: Subject, next: Next): Promise<number> {
  const side = { subject: by, next, status: 200 };
  await drive(side, 10_000, { at: 32 });
  const start = performance.now();
  await drive(side, 10_000, { at: 32 });
  return Math.round(10_000_000 / (performance.now() - start));
}

function overload(over: Outcome, capacity: number): Row {
  const served = Math.round((over.statuses.get(200) ?? 0) / over.seconds);
  const shed = (over.statuses.get(503) ?? 0) + (over.statuses.get(429) ?? 0);
  const all = [...over.statuses.values()].reduce((sum, count) => sum + count, 0);
  const lost = all - shed - (over.statuses.get(200) ?? 0);
  const share = served / capacity;
  return {
    figure: `One process at ${2 * capacity}/s, twice its capacity`,
    measured: `${served}/s served (${share.toFixed(2)} of capacity), ${((100 * shed) / all).toFixed(0)} % shed with 503 or 429, ${lost} others; ${spoken(over)}`,
    bar: { text: "≥ 0.5 of capacity served, the rest shed", met: share >= 0.5 && lost === 0 },
  };
}

const spoken = ({ p50, p99, late }: Outcome) =>
  `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms (the sender late by ${late.toFixed(0)} ms at most)`;
