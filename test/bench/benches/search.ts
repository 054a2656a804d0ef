import type { Bench, Row } from "../bench.ts";
import { quantile, spread } from "../compare.ts";
import { drive, type Side } from "../load.ts";
import { type Stage, setStage, type Tenant } from "../stage.ts";
import { subject } from "../subject.ts";
import { written } from "../wire.ts";
import { somewhere } from "./pages.ts";

const rows = 200_000;
const vocabulary = 20_000;
const rounds = 10;
const bar = 3;

export const search: Bench = {
  name: "search",
  title: "Searching",
  about:
    "The time until a page of 20 is there, one request at a time, of the 200 000 signals of one organisation: found by words, a box and two severities, as a multiple of the time for a page from a random place of the plain list. Each signal has 60 of 20 000 words, the nth of which is n times as rare as the first, and most have a place, half of these in one country. What is looked for is taken at random from words that are in almost all signals to words in a dozen, and boxes from a city to a continent.",
  async run() {
    const stage = await setStage({ tenants: 1, rows });
    await told(stage);
    const dais = await subject("dais", stage);
    const side = (next: () => string): Side => ({ subject: dais, next, status: 200 });
    const plain = side(await somewhere(stage));
    const asked = kinds.map(({ name, words }) => ({
      name,
      side: side(searches(stage, words)),
      measured: [] as number[],
    }));
    const plainly: number[] = [];
    for (const one of [plain, ...asked.map((each) => each.side)]) await drive(one, 2000, { at: 1 });
    for (let round = 0; round < rounds; round++) {
      plainly.push(await p95(plain, 600));
      for (const each of asked) each.measured.push(await p95(each.side, 600));
    }
    await dais.stop();
    await stage.stop();
    return asked.map(({ name, measured }, n) => line(name, measured, plainly, n === 0));
  },
};

function line(name: string, measured: readonly number[], plainly: readonly number[], isBar: boolean): Row {
  const ratio = spread(measured.map((ms, n) => ms / (plainly[n] as number)));
  const ms = (all: readonly number[]) => `${spread(all).median.toFixed(2)} ms`;
  return {
    figure: `p95 of a search for ${name}`,
    measured: `${ratio.median.toFixed(2)} (${ratio.from.toFixed(2)}–${ratio.to.toFixed(2)}); ${ms(measured)} to ${ms(plainly)}`,
    ...(isBar ? { bar: { text: `≤ ${bar}`, met: ratio.median <= bar } } : {}),
  };
}

async function p95(side: Side, count: number): Promise<number> {
  const all: number[] = [];
  await drive(side, count, { at: 1, each: (ms) => all.push(ms) });
  return quantile(
    all.sort((a, b) => a - b),
    0.95,
  );
}

/** Gives the stage's signals words and places. */
async function told({ owner }: Stage): Promise<void> {
  await owner.begin(async (tx) => {
    await tx`select setseed(0.2026)`;
    await tx`set local session_replication_role = replica`;
    await tx.unsafe(
      `
      update signals s set body = t.body, west = t.lon - t.half, east = t.lon + t.half, south = t.lat - t.half, north = t.lat + t.half,
        place = case when t.lon is not null then
          json_build_object('circles', '[]'::json, 'polygons', '[]'::json, 'points', json_build_array(json_build_object('lat', t.lat, 'lon', t.lon))) end
      from (
        select id, case when at < 0.3 then null when at < 0.65 then 51 + random() * 6 else random() * 350 - 175 end as lon,
          case when at < 0.65 then 22 + random() * 5 else random() * 120 - 60 end as lat, random() / 2 as half,
          (select string_agg(${wordOf("floor(exp(random() * ln($1::int)))")}, ' ') from generate_series(1, 60) where id is not null) as body
        from (select id, random() as at from signals order by id) as one
      ) as t where t.id = s.id`,
      [vocabulary],
    );
  });
  await owner.unsafe("vacuum (full, analyze) signals");
  await owner.unsafe("vacuum signals");
}

/** The nth word, in letters. */
const wordOf = (n: string) => `'zq' || translate((${n})::int::text, '0123456789', 'bcdfghjklm')`;
const spelled = (n: number) => `zq${[...String(n)].map((digit) => "bcdfghjklm"[Number(digit)]).join("")}`;

/** From the words in almost all signals to those in a dozen. */
const all = [1, 3, 10, 30, 100, 300, 1000, 3000, 10_000] as const;
const kinds = [
  { name: "any of the words", words: [...all.map((n) => [n]), [3, 30], [10, 100]] },
  { name: "words in more than a tenth of the signals", words: [[1], [3], [10], [30]] },
  { name: "words in one of a hundred", words: [[300], [600], [30, 100]] },
  { name: "words in less than one of a thousand", words: [[5000], [10_000], [15_000]] },
];
/** Degrees from west to east and from south to north: a city, a country, a continent. */
const boxes = [
  [0.8, 0.6],
  [7, 6],
  [60, 50],
] as const;

function searches({ tenants }: Stage, words: readonly (readonly number[])[]): () => string {
  const { key } = tenants[0] as Tenant;
  let seed = 20260106;
  const random = () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed / 2 ** 32;
  };
  const one = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;
  const requests = Array.from({ length: 2000 }, () => {
    const [wide, high] = one(boxes);
    const [lon, lat] =
      random() < 0.5 ? [51 + random() * 6, 22 + random() * 5] : [random() * 280 - 140, random() * 60 - 30];
    const box = [lon - wide / 2, lat - high / 2, lon + wide / 2, lat + high / 2]
      .map((degrees) => degrees.toFixed(4))
      .join();
    const text = one(words).map(spelled).join("+");
    const path = `/v1/signals?limit=20&severity=severe&severity=extreme&box=${box}&text=${text}`;
    return written({ method: "GET", path, headers: { authorization: `Bearer ${key}` } });
  });
  let n = 0;
  return () => requests[n++ % requests.length] as string;
}
