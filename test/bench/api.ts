import { operationsOf } from "@dais/contracts/kit/derive";
import { capability, router } from "@dais/contracts/kit/operation";
import { Instant, line, Version } from "@dais/contracts/kit/shapes";
import { signals } from "@dais/contracts/signals";
import { modules } from "@dais/modules";
import { z } from "zod";

/** What the cheapest of reads takes and gives: little, but of several kinds. */
export const CheapInput = z.strictObject({ n: z.int().min(0).max(1000).default(1), name: line(100).optional() });
export const CheapOutput = z.object({ n: z.int(), name: line(100).nullable(), at: Instant, version: Version });
export const cheap = ({ n, name }: z.infer<typeof CheapInput>): z.infer<typeof CheapOutput> => ({
  n,
  name: name ?? null,
  at: "2026-01-06T04:00:00.000Z",
  version: 1,
});

const example = { title: "One", input: {}, output: cheap({ n: 1 }) };
const bench = capability({
  name: "bench",
  title: "Bench",
  about: "What is only there to be measured.",
  permissions: { "bench.read": "Read what is measured." },
  problems: {},
});
const cheapAt = (path: string) =>
  bench.query({
    rest: `GET /${path}`,
    summary: "Read next to nothing",
    permission: "bench.read",
    input: CheapInput,
    output: CheapOutput,
    examples: [example],
  });

/** An API with the real one's list of signals, and as many reads that ask the database nothing as make `count` operations. */
export function apiOf(count: number) {
  const names = Array.from({ length: count - 1 }, (_, n) => (n === 0 ? "cheap" : `cheap${n}`));
  const contract = router({
    signals: router({ list: signals.list }),
    bench: router(Object.fromEntries(names.map((name) => [name, cheapAt(name)]))),
  });
  const handlers = Object.fromEntries(names.map((name) => [name, async (_: unknown, input: never) => cheap(input)]));
  return { contract, operations: operationsOf(contract), modules: { ...modules, bench: handlers } };
}
