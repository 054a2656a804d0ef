import type { Comparison, Spread } from "./compare.ts";
import type { Stage } from "./stage.ts";

/** A line of the report. */
export type Row = {
  figure: string;
  measured: string;
  /** What it should be, and whether it is; absent where the figure is only told. */
  bar?: { text: string; met: boolean };
};

export type Bench = {
  /** As in `npm run bench NAME`. */
  name: string;
  title: string;
  /** What is measured, and against what. */
  about: string;
  /** @param stage The usual one: 200 000 signals, 10 organisations. Made when somebody first asks for it. */
  run(stage: () => Promise<Stage>): Promise<Row[]>;
};

const spoken = ({ median, from, to }: Spread) => `${median.toFixed(2)} (${from.toFixed(2)}–${to.toFixed(2)})`;
const micros = (us: number) => `${Math.round(us)} µs`;

/** How much more CPU `a` takes than `b`. */
export const atMost = (figure: string, bar: number, { a, b, ratio }: Comparison): Row => ({
  figure,
  measured: `${spoken(ratio)}; ${micros(a)} to ${micros(b)}`,
  bar: { text: `≤ ${bar}`, met: ratio.median <= bar },
});

/** How many requests `b` serves with the CPU that `a` needs for one. */
export const atLeast = (figure: string, bar: number | null, { a, b, ratio }: Comparison): Row => ({
  figure,
  measured: `${spoken(ratio)}; ${micros(b)} to ${micros(a)}`,
  ...(bar === null ? {} : { bar: { text: `≥ ${bar}`, met: ratio.median >= bar } }),
});
