import { atLeast, type Bench } from "../bench.ts";
import { reads, toolCalls } from "../calls.ts";
import { compare } from "../compare.ts";
import { sameAnswers } from "../equal.ts";
import { subject } from "../subject.ts";

const path = "/v1/cheap?n=3&name=abc";
const input = { n: 3, name: "abc" };

export const face: Bench = {
  name: "face",
  title: "What a face costs",
  about:
    "A read that asks the database nothing. Requests per second of CPU, as a share of what a server by hand serves that authenticates, asks Redis and answers the same. Between the first row and the second lie a line in the log, a duration in the metrics and sixteen more fields on the answer: they alone take what the bar leaves.",
  async run(stage) {
    const place = await stage();
    const names = ["dressed", "validated", "bare"];
    const dais = await subject("dais", { ...place, operations: 10 });
    const [dressed, validated, bare] = (await Promise.all(names.map((name) => subject(name, place)))).map((by) => ({
      subject: by,
      next: reads(place, path),
      status: 200,
    })) as [Plain, Plain, Plain];
    const rest = { subject: dais, next: reads(place, path), status: 200 };
    const trpc = {
      ...rest,
      next: reads(place, `/trpc/bench.cheap?input=${encodeURIComponent(JSON.stringify(input))}`),
    };
    const mcp = { ...rest, next: toolCalls(place, "bench_cheap", input) };
    for (const by of [dressed, validated, bare]) await sameAnswers(rest, by);
    const rows = [
      atLeast(
        "REST, of Hono + zod by hand with the same headers, log and metrics",
        0.85,
        await compare(dressed, rest, 1500),
      ),
      atLeast(
        "REST, of Hono + zod by hand without headers, log or metrics",
        0.85,
        await compare(validated, rest, 1500),
      ),
      atLeast("/trpc, of bare Hono", 0.15, await compare(bare, trpc, 1000)),
      atLeast("/mcp (a tool's call), of bare Hono", null, await compare(bare, mcp, 1000)),
    ];
    for (const { subject: by } of [rest, dressed, validated, bare]) await by.stop();
    return rows;
  },
};
type Plain = { subject: Awaited<ReturnType<typeof subject>>; next: () => string; status: number };
