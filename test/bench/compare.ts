import { drive, type Side } from "./load.ts";

export type Comparison = {
  /** CPU time per request, medians, in microseconds. */
  a: number;
  b: number;
  /** a / b of each round: median and quartiles. */
  ratio: Spread;
};
export type Spread = { median: number; from: number; to: number };

const rounds = 14;
const warmUp = 10_000;

/**
 * Measures what a request costs two servers, turn by turn: A B, then B A, and so on, so that whatever else the machine does meets
 * both. What each round says is a ratio of CPU times; wall time plays no part.
 */
export async function compare(a: Side, b: Side, perRound = 1000): Promise<Comparison> {
  for (const side of [a, b]) await drive(side, warmUp);
  const [ofA, ofB]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    const turns = [async () => ofA.push(await cost(a, perRound)), async () => ofB.push(await cost(b, perRound))];
    for (const turn of round % 2 ? turns.reverse() : turns) await turn();
  }
  return { a: spread(ofA).median, b: spread(ofB).median, ratio: spread(ofA.map((one, n) => one / (ofB[n] as number))) };
}

async function cost(side: Side, count: number): Promise<number> {
  const before = await side.subject.cpu();
  await drive(side, count);
  return ((await side.subject.cpu()) - before) / count;
}

export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  return { median: quantile(sorted, 0.5), from: quantile(sorted, 0.25), to: quantile(sorted, 0.75) };
}

/** Linear between neighbours; `sorted` must be. */
export function quantile(sorted: readonly number[], q: number): number {
  const at = (sorted.length - 1) * q;
  const [low, high] = [sorted[Math.floor(at)] as number, sorted[Math.ceil(at)] as number];
  return low + (high - low) * (at - Math.floor(at));
}
