import type postgres from "postgres";
import type { Bench, Row } from "../bench.ts";
import { creations } from "../calls.ts";
import { spread } from "../compare.ts";
import { drive, type Side } from "../load.ts";
import type { Stage, Tenant } from "../stage.ts";
import { type Subject, subject } from "../subject.ts";

const backlog = 100_000;
const perWindow = 1500;
const rounds = 8;
const bar = 1.15;
/** Of what is left, sealed without writers: enough to know the pace. */
const alone = 10_000;

/** An hour's entries wait to be sealed while others write, in one process that does both. */
export const sealing: Bench = {
  name: "sealing",
  title: "Sealing an hour's backlog",
  about: `${backlog} entries of one organisation wait; one process serves \`POST /v1/entities\` with 16 connections and seals. How much longer ${perWindow} requests take while it seals, against the same while somebody else holds that log, turn by turn. Postgres shares the machine.`,
  async run(stage) {
    const place = await stage();
    const [late, ...writing] = place.tenants as [Tenant, ...Tenant[]];
    await place.owner`insert into audit_trees (tenant_id, origin) values (${late.id}, ${`dais.test/audit/${late.slug}`}) on conflict do nothing`;
    const held = await hold(place.owner, late);
    await leave(place, late);
    const dais = await subject("dais", { ...place, env: { DAIS_ROLE: "all" } });
    const side: Side = { subject: dais, next: creations({ tenants: writing }), status: 201 };
    await drive(side, 6000);
    const ratios: number[] = [];
    let [sealedMs, sealed] = [0, 0];
    let release = held;
    for (let round = 0; round < rounds; round += 1) {
      const without = await window(side);
      await release();
      const before = await sizeOf(place.owner, late);
      const beside = await window(side);
      release = await hold(place.owner, late);
      sealed += (await sizeOf(place.owner, late)) - before;
      sealedMs += beside;
      ratios.push(beside / without);
    }
    await release();
    const rest = await pace(place.owner, late, dais);
    const slower = spread(ratios);
    return [
      {
        figure: "Writers beside the sealer",
        measured: `${slower.median.toFixed(2)} (${slower.from.toFixed(2)}–${slower.to.toFixed(2)}) of their time without it`,
        bar: { text: `≤ ${bar}`, met: slower.median <= bar },
      },
      { figure: "Sealed beside writers", measured: `${Math.round((1000 * sealed) / sealedMs)} entries/s` },
      rest,
    ];
  },
};

async function window(side: Side): Promise<number> {
  const start = performance.now();
  await drive(side, perWindow);
  return performance.now() - start;
}

/** Holds a log as another sealer would: this one finds nothing to do. */
async function hold(owner: postgres.Sql, { id }: Tenant): Promise<() => Promise<void>> {
  const line = await owner.reserve();
  await line`begin`;
  await line`select 1 from audit_trees where tenant_id = ${id} for update`;
  return async () => {
    await line`rollback`;
    line.release();
  };
}

/** Entries like those of a change of an entity. */
async function leave({ owner }: Stage, { id }: Tenant): Promise<void> {
  await owner`insert into audit (id, tenant_id, at, outcome, actor_kind, actor_id, persons, operation, action, resource_type, resource_id,
      resource_version, changed, before_digest, after_digest, changes, decision, request_id, idempotency_key, salt)
    select gen_random_uuid(), ${id}, now(), 'done', 'client', 'key_bench', '{}', 'entities.update', 'entity.update', 'entity', gen_random_uuid(),
      n, true, md5(n::text) || md5(n::text), md5('a' || n) || md5('b' || n), jsonb_build_object('name', jsonb_build_array('Before', 'After ' || n)),
      '{"permission": "entity.update"}', gen_random_uuid()::text, gen_random_uuid()::text, md5(n::text) || md5('s' || n)
    from generate_series(1, ${backlog}) n`;
}

const sizeOf = async (owner: postgres.Sql, { id }: Tenant): Promise<number> =>
  Number((await owner`select size from audit_trees where tenant_id = ${id}`)[0]?.size ?? 0);

/** Without writers. */
async function pace(owner: postgres.Sql, late: Tenant, dais: Subject): Promise<Row> {
  const [start, before, cpu] = [performance.now(), await sizeOf(owner, late), await dais.cpu()];
  const end = Math.min(backlog, before + alone);
  while ((await sizeOf(owner, late)) < end) await new Promise((resolve) => setTimeout(resolve, 50));
  const [count, seconds] = [(await sizeOf(owner, late)) - before, (performance.now() - start) / 1000];
  const used = ((await dais.cpu()) - cpu) / count;
  await dais.stop();
  return {
    figure: "Sealed without writers",
    measured: `${Math.round(count / seconds)} entries/s, ${Math.round(used)} µs of the process's CPU each`,
  };
}
