import type postgres from "postgres";
import type { Tenant } from "./stage.ts";

/** Writes `rows` signals, one tenant after the other in turn, all `new`. Their audit entries are left out: nothing here reads them. */
export async function fill(owner: postgres.Sql, tenants: readonly Tenant[], rows: number): Promise<void> {
  const ids = tenants.map(({ id }) => id);
  const companies = tenants.map(({ company }) => company);
  await owner.unsafe("alter table signals disable trigger signals_made");
  await owner.unsafe(text, [rows, ids, companies] as never[]);
  await owner.unsafe("alter table signals enable trigger signals_made");
  await owner.unsafe("vacuum (analyze) signals");
}

// Ids that grow with time, as UUIDv7 do: an index of random ones would be another thing to measure.
const text = `
  insert into signals (id, tenant_id, source, external_id, title, body, severity, category, classification, confidence, entity_id,
    area, language, occurred_at, reported_at, expires_at, state, version, created_at, updated_at)
  select
    (lpad(to_hex(1700000000000 + n), 12, '0') || '7' || left(md5(n::text), 3) || '8' || substr(md5(n::text), 4, 15))::uuid,
    ($2::uuid[])[1 + n % cardinality($2::uuid[])], 'nws', 'urn:oid:2.49.0.1.840.0.' || n,
    'Flood Watch issued for station ' || n, repeat('Flooding caused by excessive rainfall is possible. ', 5),
    (array['minor', 'moderate', 'severe', 'extreme'])[1 + n % 4], (array['met', 'infra', 'health', 'security'])[1 + n / 10 % 4],
    (array['public', 'internal', 'confidential'])[1 + n / 10 % 3], 0.8,
    case when n / 10 % 2 = 0 then ($3::uuid[])[1 + n % cardinality($3::uuid[])] end,
    'South Travis County', 'en-US', at, at, at + interval '1 day', 'new', 1, at, at
  from generate_series(0, $1::int - 1) n, lateral (select timestamptz '2024-01-01' + n * interval '31 seconds' as at) t`;
