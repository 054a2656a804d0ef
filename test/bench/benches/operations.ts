import type { Bench } from "../bench.ts";
import { reads } from "../calls.ts";
import { compare } from "../compare.ts";
import { subject } from "../subject.ts";

export const operations: Bench = {
  name: "operations",
  title: "A large contract",
  about: "CPU of the same list read, with a contract of 150 operations against one of 10.",
  async run(stage) {
    const place = await stage();
    const [many, few] = [
      await subject("dais", { ...place, operations: 150 }),
      await subject("dais", { ...place, operations: 10 }),
    ];
    const next = reads(place, "/v1/signals?limit=20");
    const { ratio, a, b } = await compare({ subject: many, next, status: 200 }, { subject: few, next, status: 200 });
    for (const one of [many, few]) await one.stop();
    const measured = `${ratio.median.toFixed(2)} (${ratio.from.toFixed(2)}–${ratio.to.toFixed(2)}); ${Math.round(a)} µs to ${Math.round(b)} µs`;
    const met = Math.abs(ratio.median - 1) <= 0.15;
    return [
      { figure: "A list of 20 at 150 operations, of the same at 10", measured, bar: { text: "within 15 %", met } },
    ];
  },
};
