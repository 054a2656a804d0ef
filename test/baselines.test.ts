import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { reads } from "./bench/calls.ts";
import { acknowledged, ingested } from "./bench/effects.ts";
import { sameAnswers, sameEffects } from "./bench/equal.ts";
import type { Side } from "./bench/load.ts";
import { type Tenant, tenant } from "./bench/stage.ts";
import { type Subject, subject } from "./bench/subject.ts";
import { asOwner } from "./support/owner.ts";

let one: Tenant;
const servers: Subject[] = [];
const place = () => ({ postgres: inject("postgres"), redis: inject("redis") });

async function start(name: string, operations?: number): Promise<Subject> {
  const started = await subject(name, { ...place(), operations });
  servers.push(started);
  return started;
}

beforeAll(async () => {
  one = await tenant(asOwner(), `baseline-${process.pid}`);
});
afterAll(async () => {
  for (const server of servers) await server.stop();
});

/** A baseline that did less than the server would be none. */
describe("the servers by hand that the benches measure against", () => {
  test("answer a read that asks the database nothing as the server does", async () => {
    const of = (by: Subject): Side => ({
      subject: by,
      next: reads({ tenants: [one] }, "/v1/cheap?n=3&name=abc"),
      status: 200,
    });
    const dais = of(await start("dais", 10));
    for (const name of ["bare", "validated", "dressed"])
      await expect(sameAnswers(dais, of(await start(name)))).resolves.toBeUndefined();
  });

  test("list, report and acknowledge as the server does, and leave the same rows", async () => {
    const [dais, limit] = [await start("dais"), await start("limit")];
    const [made, byHand] = [await ingested(dais, one), await ingested(limit, one)];
    await sameEffects(asOwner(), made, byHand);
    await sameEffects(asOwner(), await acknowledged(dais, one, made), await acknowledged(limit, one, byHand));
    const list = (by: Subject): Side => ({
      subject: by,
      next: reads({ tenants: [one] }, "/v1/signals?limit=1"),
      status: 200,
    });
    await expect(sameAnswers(list(dais), list(limit))).resolves.toBeUndefined();
  });
});
