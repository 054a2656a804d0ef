import type postgres from "postgres";
import type { Tenant } from "./stage.ts";

/** Writes `rows` signals, one tenant after the other in turn, all `new`. Their audit entries are left out: nothing here reads them. */
export async function fill(owner: postgres.Sql, tenants: readonly Tenant[], rows: number): Promise<void> {
  await write(owner, text, tenants, rows);
  await owner.unsafe("vacuum (analyze) signals");
}

/** Writes two signals that differ in nothing but their ids: the uuids. */
export async function twins(owner: postgres.Sql, tenant: Tenant): Promise<[string, string]> {
  const one = async () => (await write(owner, `${text} returning id`, [tenant], 1))[0]?.id as string;
  return [await one(), await one()];
}

/** Without the triggers that look for a move and its audit entry behind each. */
const write = (owner: postgres.Sql, insert: string, tenants: readonly Tenant[], rows: number) =>
  owner.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    return tx.unsafe(insert, [rows, tenants.map(({ id }) => id), tenants.map(({ company }) => company)] as never[]);
  });

// Ids that grow with time, as UUIDv7 do: an index of random ones would be another thing to measure.
const text = `
  insert into signals (id, tenant_id, source, external_id, title, body, severity, category, classification, confidence, entity_id,
    area, language, occurred_at, reported_at, expires_at, last_seen_at, state, version, created_at, updated_at)
  select
    (lpad(to_hex(1700000000000 + n), 12, '0') || '7' || left(hex, 3) || '8' || substr(hex, 4, 15))::uuid,
    ($2::uuid[])[1 + n % cardinality($2::uuid[])], 'nws', 'urn:oid:2.49.0.1.840.0.' || n,
    'Flood Watch issued for station ' || n, repeat('Flooding caused by excessive rainfall is possible. ', 5),
    (array['minor', 'moderate', 'severe', 'extreme'])[1 + n % 4], (array['met', 'infra', 'health', 'security'])[1 + n / 10 % 4],
    (array['public', 'internal', 'confidential'])[1 + n / 10 % 3], 0.8,
    case when n / 10 % 2 = 0 then ($3::uuid[])[1 + n % cardinality($3::uuid[])] end,
    'South Travis County', 'en-US', at, at, at + interval '1 day', at, 'new', 1, at, at
  from generate_series(0, $1::int - 1) n,
    lateral (select timestamptz '2024-01-01' + n * interval '31 seconds' as at, md5(n || gen_random_uuid()::text) as hex) t`;
