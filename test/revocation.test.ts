import postgres from "postgres";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { dropDatabase, testDatabase } from "./support/database.ts";
import { actor, revocations } from "./support/doors/actors.ts";
import { again, knock } from "./support/doors/doors.ts";
import { isStream, letIn, shutAfter, shutOut } from "./support/doors/shut.ts";
import { type World, world } from "./support/doors/world.ts";
import { afterFile } from "./support/ending.ts";
import { proxy, type Wire } from "./support/proxy.ts";
import { until } from "./support/streams.ts";

let at: World;
let redis: Wire;
beforeAll(async () => {
  const database = await testDatabase(inject("postgres"), inject("template"));
  const owner = postgres({ ...database, max: 4, onnotice: () => {} });
  const { hostname, port } = new URL(inject("redis"));
  redis = await proxy({ host: hostname, port: Number(port || 6379) });
  at = await world({ postgres: database, owner, redis: `redis://${redis.host}:${redis.port}`, slots: 2 });
  const stopReporting = again(50, () => at.report().catch(() => {})); // not while Redis is away
  afterFile(async () => {
    await stopReporting();
    await at.stop();
    await redis.close();
    await owner.end();
    await dropDatabase(database);
  });
}, 60_000);

describe("out means out", () => {
  /** A second is what is promised, and what `npm run bench revocation` measures; here it is whether a door shuts at all. */
  const bound = 5000;

  test.each(revocations)(
    "%s: every door of two processes is shut, and stays so",
    async (revocation) => {
      const both = [0, 1].map(async (process) => {
        const shut = await shutOut(at, await actor(at, revocation, process, process), { triedForMs: 1500 });
        for (const met of shut.met) {
          expect(shutAfter(shut, met, shut.answeredAt), met.door).toBeLessThan(bound);
          expect({ door: met.door, letIn: letIn(met, shut.answeredAt, bound) }).toEqual({ door: met.door, letIn: 0 });
          const statuses = new Set(met.refused.map(({ status }) => status));
          // A stream ends without another status; of anything else it is said why.
          if (!isStream(met)) expect([401, 403, 404]).toEqual(expect.arrayContaining([...statuses]));
        }
      });
      await Promise.all(both);
    },
    120_000,
  );

  test("while Redis is away every door answers 503 and streams end; when it is back, whoever is out stays out", async () => {
    const [inside, outside] = [await actor(at, "disable", 0, 0), await actor(at, "key", 1, 1)];
    await outside.revoke();
    const knocking = knock(at, { ...inside, job: null });
    await until(() => knocking.all.filter((met) => !isStream(met)).every(({ accepted }) => accepted.length > 0));
    redis.cut();
    const cutAt = performance.timeOrigin + performance.now();
    await until(() => knocking.all.every(({ refused }) => refused.length > 3 || refused[0]?.status === 0));
    for (const met of knocking.all) {
      // What a stream tells may have been on its way.
      const late = met.accepted.filter((when) => when > cutAt + (isStream(met) ? bound : 0));
      expect([met.door, late]).toEqual([met.door, []]);
      if (!isStream(met)) expect(new Set(met.refused.map(({ status }) => status))).toEqual(new Set([503]));
    }
    const refused = knock(at, { ...outside, job: null });
    await until(() => refused.all.every((met) => met.refused.length > 0));
    const before = knocking.all.map(({ accepted }) => accepted.length);
    redis.mend();
    const calls = knocking.all.filter((met) => !isStream(met));
    await until(() => calls.every(({ accepted }, n) => accepted.length > (before[n] as number)));
    await until(() => refused.all.every((met) => isStream(met) || met.refused.at(-1)?.status === 401));
    expect(refused.all.flatMap(({ accepted }) => accepted)).toEqual([]);
    await Promise.all([knocking.stop(), refused.stop()]);
  }, 60_000);
});
