import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { reads } from "./bench/calls.ts";
import { acknowledged, created } from "./bench/effects.ts";
import { sameAnswers, sameEffects } from "./bench/equal.ts";
import { fill, twins } from "./bench/fill.ts";
import { once, type Side } from "./bench/load.ts";
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

  test("list as the server does", async () => {
    const other = await tenant(asOwner(), `baseline-list-${process.pid}`);
    await fill(asOwner(), [other], 3);
    const [all, bare] = [await twins(asOwner(), other), await twins(asOwner(), other)];
    await told(all);
    await asOwner().begin(async (tx) => {
      await tx`set local session_replication_role = replica`;
      await tx`update signals set state = 'merged', merged_into = ${all[0]} where id = ${bare[0]}`;
      await tx`update signals set state = 'snoozed', snoozed_until = '2026-01-07T04:00:00Z' where id = ${all[1]}`;
    });
    const [dais, limit] = [await start("dais"), await start("limit")];
    for (const most of [100, 2]) {
      const next = reads({ tenants: [other] }, `/v1/signals?limit=${most}`);
      const side = (by: Subject): Side => ({ subject: by, next, status: 200 });
      await expect(sameAnswers(side(dais), side(limit))).resolves.toBeUndefined();
      expect(JSON.parse((await once(side(limit))).body).items).toHaveLength(Math.min(most, 6));
    }
  });

  test("add an entity and acknowledge a signal as the server does, and leave the same rows", async () => {
    const [dais, limit] = [await start("dais"), await start("limit")];
    await sameEffects(asOwner(), await created(dais, one), await created(limit, one));
    const [plain, full] = [await twins(asOwner(), one), await twins(asOwner(), one)];
    await told(full);
    for (const [left, right] of [plain, full])
      await sameEffects(asOwner(), await acknowledged(dais, one, left), await acknowledged(limit, one, right));
  });
});

/** Has signals say all that a signal can. */
async function told(uuids: readonly string[]): Promise<void> {
  const at = { lat: 25.2, lon: 55.3 };
  const place = { points: [at], polygons: [[at, { ...at, lat: 26 }, { ...at, lon: 56 }, at]], circles: [] };
  const translations = [{ language: "es", title: "Alerta de tormenta", body: "Posible." }];
  const sql = asOwner();
  await sql.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    await tx`update signals set place = ${sql.json(place)}, translations = ${sql.json(translations)},
      geocodes = ${["UGC=TXC453", 'a scheme=of "two", {three}=words']}, sightings = 3, group_id = ${uuids[0] as string},
      assignee_id = ${one.company}, label = 'river_flood', assessed_severity = 'severe', assessed_confidence = 0.25,
      assessed_by = 'person', review = 'disagreement', review_since = '2026-01-06T04:00:00.5Z' where id = any (${uuids as string[]})`;
  });
}
