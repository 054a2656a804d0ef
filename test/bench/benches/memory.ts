import type { Bench, Row } from "../bench.ts";
import { creations, reads } from "../calls.ts";
import { drive } from "../load.ts";
import { type Memory, subject } from "../subject.ts";

const step = 20_000;
const steps = 5;

export const memory: Bench = {
  name: "memory",
  title: "Memory",
  about: `${step * steps} requests to one process: lists over REST and tRPC, and a command for every ten. The heap after a collection of garbage.`,
  async run(stage) {
    const place = await stage();
    const dais = await subject("dais", place);
    const [rest, rpc, command] = [
      reads(place, "/v1/signals?limit=5"),
      reads(place, `/trpc/signals.list?input=${encodeURIComponent('{"limit":5}')}`),
      creations(place),
    ];
    const seen: Memory[] = [];
    for (let done = 0; done < steps; done++) {
      let n = 0;
      // Commands are answered with another status: they go by themselves, in between.
      for (let part = 0; part < 10; part++) {
        await drive({ subject: dais, next: () => (n++ % 2 ? rest : rpc)(), status: 200 }, step * 0.09);
        await drive({ subject: dais, next: command, status: 201 }, step * 0.01);
      }
      seen.push(await dais.memory());
    }
    await dais.stop();
    const [first, last] = [seen[0], seen.at(-1)] as [Memory, Memory];
    const growth = last.heap / first.heap;
    const mb = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;
    const rows: Row[] = [
      {
        figure: `Heap after ${step * steps} requests, of that after ${step}`,
        measured: `${growth.toFixed(2)}; ${seen.map(({ heap }) => (heap / 1e6).toFixed(1)).join(", ")} MB`,
        bar: { text: "≤ 1.1", met: growth <= 1.1 },
      },
      { figure: "Resident at the end", measured: mb(last.resident) },
    ];
    return rows;
  },
};
