import { atMost, type Bench, type Row } from "../bench.ts";
import { acknowledgements, creations, reads } from "../calls.ts";
import { type Comparison, compare } from "../compare.ts";
import { proposals } from "../confirming.ts";
import { acknowledged, created } from "../effects.ts";
import { sameAnswers, sameEffects } from "../equal.ts";
import { twins } from "../fill.ts";
import type { Side } from "../load.ts";
import { mine as reading } from "../mine.ts";
import type { Stage, Tenant } from "../stage.ts";
import { subject } from "../subject.ts";

const bar = 1.8;
const against =
  "CPU per request of the server as it is delivered, against `node:http` + postgres.js by hand with the same SQL, row-level security, authentication and exchange with Redis, which checks no schema and writes no log.";

export const list: Bench = {
  name: "list",
  title: "A list",
  about: `\`GET /v1/signals?limit=20\` of 200 000 signals in 10 organisations. ${against}`,
  run: (stage) =>
    measured(stage, "20 of 20 000 signals", async (place, [dais, limit]) => {
      const next = reads(place, "/v1/signals?limit=20");
      const sides: [Side, Side] = [
        { subject: dais, next, status: 200 },
        { subject: limit, next: reads(place, "/v1/signals?limit=20"), status: 200 },
      ];
      await sameAnswers(...sides);
      return compare(...sides);
    }),
};

export const mine: Bench = {
  name: "mine",
  title: "What somebody sees to",
  about: `\`GET /v1/actions/mine?limit=20\` by a person's session, of 200 000 actions in 10 organisations: those that they own, and those whose deputy they are. ${against}`,
  run: (stage) =>
    measured(stage, "20 of a person's actions", async (place, [dais, limit]) => {
      const next = await reading(place, 200_000);
      const sides: [Side, Side] = [
        { subject: dais, next, status: 200 },
        { subject: limit, next, status: 200 },
      ];
      await sameAnswers(...sides);
      return compare(...sides);
    }),
};

export const command: Bench = {
  name: "command",
  title: "A command",
  about: `\`POST /v1/entities\` with an Idempotency-Key: claim, insert, audit entry, event, stored answer. ${against}`,
  run: (stage) =>
    measured(stage, "Adding an entity", async (place, [dais, limit]) => {
      const tenant = place.tenants[0] as Tenant;
      await sameEffects(place.owner, await created(dais, tenant), await created(limit, tenant));
      const next = creations(place);
      return compare({ subject: dais, next, status: 201 }, { subject: limit, next, status: 201 }, 600);
    }),
};

export const move: Bench = {
  name: "move",
  title: "A move",
  about: `\`POST /v1/signals/{id}/acknowledge\` with an Idempotency-Key. ${against}`,
  run: (stage) =>
    measured(stage, "Acknowledging a signal", async (place, [dais, limit]) => {
      const tenant = place.tenants[0] as Tenant;
      const [one, other] = await twins(place.owner, tenant);
      await sameEffects(place.owner, await acknowledged(dais, tenant, one), await acknowledged(limit, tenant, other));
      const next = await acknowledgements(place, 60_000);
      return compare({ subject: dais, next, status: 200 }, { subject: limit, next, status: 200 }, 600);
    }),
};

export const moves: Bench = {
  name: "moves",
  title: "A move with four eyes",
  about: `\`POST /v1/posture/changes/{id}/confirm\` by a person's session with an Idempotency-Key: four eyes and policies judged, history written, what it overtakes looked for. ${against}`,
  run: (stage) =>
    measured(stage, "Confirming a change of posture", async (place, [dais, limit]) => {
      const { next, confirmed } = await proposals(place, 40_000);
      await sameEffects(place.owner, await confirmed(dais), await confirmed(limit));
      return compare({ subject: dais, next, status: 200 }, { subject: limit, next, status: 200 }, 600);
    }),
};

type Two = [Awaited<ReturnType<typeof subject>>, Awaited<ReturnType<typeof subject>>];

async function measured(
  stage: () => Promise<Stage>,
  figure: string,
  work: (place: Stage, two: Two) => Promise<Comparison>,
): Promise<Row[]> {
  const place = await stage();
  const two: Two = [await subject("dais", place), await subject("limit", place)];
  const comparison = await work(place, two);
  for (const one of two) await one.stop();
  return [atMost(figure, bar, comparison)];
}
