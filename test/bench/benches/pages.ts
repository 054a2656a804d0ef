import { operations } from "@dais/contracts";
import type { Operation } from "@dais/contracts/kit/derive";
import { idOf } from "@dais/contracts/kit/ids";
import { pageOf } from "@dais/kernel/paging";
import type { Bench } from "../bench.ts";
import { quantile, spread } from "../compare.ts";
import { drive, type Side } from "../load.ts";
import { type Stage, setStage, type Tenant } from "../stage.ts";
import { subject } from "../subject.ts";
import { cursorKey } from "../subjects/fixed.ts";
import { written } from "../wire.ts";

const [few, many] = [20_000, 2_000_000];
const rounds = 14;

export const pages: Bench = {
  name: "pages",
  title: "Pages of a long list",
  about:
    "The time until a page of 20 is there, from random places of one organisation's signals, one request at a time: with 2 000 000 of them, as a multiple of the time with 20 000.",
  async run() {
    const sides: { stage: Stage; side: Side }[] = [];
    for (const rows of [few, many]) {
      const stage = await setStage({ tenants: 1, rows });
      const next = await somewhere(stage);
      sides.push({ stage, side: { subject: await subject("dais", stage), next, status: 200 } });
    }
    const medians: number[][] = [[], []];
    for (const { side } of sides) await drive(side, 5000, { at: 1 });
    for (let round = 0; round < rounds; round++)
      for (const [n, { side }] of sides.entries()) medians[n]?.push(await median(side, 500));
    for (const { side, stage } of sides) {
      await side.subject.stop();
      await stage.stop();
    }
    const [small, large] = medians as [number[], number[]];
    const ratio = spread(large.map((ms, n) => ms / (small[n] as number)));
    const ms = (all: number[]) => `${spread(all).median.toFixed(2)} ms`;
    const measured = `${ratio.median.toFixed(2)} (${ratio.from.toFixed(2)}–${ratio.to.toFixed(2)}); ${ms(large)} to ${ms(small)}`;
    return [{ figure: "p50 of a page", measured, bar: { text: "≤ 1.3", met: ratio.median <= 1.3 } }];
  },
};

async function median(side: Side, count: number): Promise<number> {
  const all: number[] = [];
  await drive(side, count, { at: 1, each: (ms) => all.push(ms) });
  return quantile(
    all.sort((a, b) => a - b),
    0.5,
  );
}

/** Pages that begin at signals picked at random, by cursors as the server signs them. */
export async function somewhere({ owner, tenants }: Stage): Promise<() => string> {
  const { id, key } = tenants[0] as Tenant;
  const rows = await owner`select id, occurred_at from signals order by md5(id::text) limit 1000`;
  const operation = operations.get("signals.list") as Operation;
  const lister = { cursors: { key: cursorKey }, tenant: { id }, operation };
  const requests = rows.map((row) => {
    const position = () => [row.occurred_at.toISOString(), row.id];
    const asked = { limit: 1, sort: "-occurredAt" };
    const { nextCursor } = pageOf(lister, asked, [row, row], () => idOf("sig", row.id), position);
    const path = `/v1/signals?limit=20&cursor=${nextCursor}`;
    return written({ method: "GET", path, headers: { authorization: `Bearer ${key}` } });
  });
  let n = 0;
  return () => requests[n++ % requests.length] as string;
}
