import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import { postureChanges } from "@dais/drizzle/schema/postureChanges";
import { sha256 } from "@dais/kernel/canonical";
import { getTableColumns } from "drizzle-orm";
import type { Known } from "../guard.ts";
import { closing, type Of, opening } from "./effects.ts";
import type { Hold } from "./lanes.ts";

const columns = Object.values(getTableColumns(postureChanges)).map(({ name }) => name);
const side = (letter: "a" | "b") => columns.map((name) => `${letter}.${name} as ${letter}_${name}`).join(", ");

const lockText = `
  select pg_advisory_xact_lock_shared(hashtextextended('posture levels ' || tenant_id, 0)),
    pg_advisory_xact_lock(hashtextextended('posture ' || tenant_id || coalesce(entity_id::text, ''), 0))
  from posture_changes where tenant_id = $1 and id = $2 and version = $3 and state = 'proposed'`;

const moveText = `
  with b as (select * from posture_changes where id = $1 and tenant_id = $2 and classification = any ($3::text[]) for update),
  a as (
    update posture_changes t set state = 'confirmed', version = b.version + 1, updated_at = $5, decided_by = $7, decided_at = $5,
      state_reason = $6
    from b where t.id = b.id and b.version = $4 and b.state = 'proposed' returning t.*
  )
  select ${side("b")}, ${side("a")}, had_a_hand($2, 'posture', b.id, $8::text[]) as hand from b left join a on true`;

const standingText = `
  with o as (select coalesce((settings->'posture'->>'dwellMinutes')::int, 30) as dwell from organisations where id = $1), p as materialized (
    select * from posture where tenant_id = $1 and entity_id = $3 and since >= coalesce((
      select max(since) from posture where tenant_id = $1 and entity_id = $3
        and since <= $2::timestamptz - make_interval(mins => (select dwell from o))), '-infinity')
  )
  select (select json_agg(key order by rank) from posture_levels where tenant_id = $1) as levels, h.level,
    (select max(since) from (select since, rank, lag(rank) over (order by since, id) as was from p) d where rank < was) as down_at
  from (select 1) one left join lateral (select * from p order by since desc, id desc limit 1) h on true`;

const historyText = `insert into posture (id, tenant_id, entity_id, level, rank, reason, source, since)
  values ($1, $2, $3, $4, $5, $6, $7, $8)`;

const overtakenText = `
  update posture_changes set state = 'superseded', version = version + 1, updated_at = $3
  where tenant_id = $1 and state = 'proposed' and entity_id = $2 and from_level is distinct from $4 returning id`;

type Row = Record<string, unknown>;
const part = (row: Row, letter: "a" | "b"): Row =>
  Object.fromEntries(columns.map((name) => [name, row[`${letter}_${name}`]]));
const moment = (value: unknown) => value && (value as Date).toISOString();

/** A row as the API shows it. The bench's have no signals. */
const show = (row: Row) => ({
  id: idOf("pos", row.id as string),
  entityId: row.entity_id && idOf("ent", row.entity_id as string),
  fromLevel: row.from_level,
  level: row.level,
  rank: row.rank,
  reason: row.reason,
  signalIds: [],
  proposedBy: row.proposed_by,
  decidedBy: row.decided_by,
  decidedAt: moment(row.decided_at),
  classification: row.classification,
  state: row.state,
  stateReason: row.state_reason,
  version: row.version,
  createdAt: moment(row.created_at),
  updatedAt: moment(row.updated_at),
});
const names = Object.keys(show({ id: crypto.randomUUID() })).sort();
const canonical = (thing: object): string => JSON.stringify(thing, names);

/** Confirms one change of an entity's posture that nobody else proposed anything for. */
export function confirm(
  hold: Hold,
  caller: Known,
  of: Of,
  id: string,
  { version, reason }: { version: number; reason: string },
): Promise<string> {
  const at = new Date().toISOString();
  const [uuid, { tenantId, actorId }] = [uuidOf(id), caller];
  return hold(async (send) => {
    const hash = sha256(JSON.stringify({ id, reason, version }));
    const [, , claimed, , rows] = await Promise.all([
      ...opening(send, caller, of, "posture.confirm", hash, at),
      send(lockText, [tenantId, uuid, version]),
      send(moveText, [uuid, tenantId, caller.visible, version, at, reason, actorId, `{${actorId}}`]),
    ]);
    const row = rows?.[0];
    if (claimed?.length !== 1 || !row?.a_id || row.hand !== null) throw new Error("not what the bench sends");
    const [before, after] = [show(part(row, "b")), show(part(row, "a"))];
    const [standing] = await send(standingText, [tenantId, at, row.b_entity_id]);
    if (standing?.level !== row.b_from_level || standing?.down_at) throw new Error("not what the bench sends");
    const source = `${actorId}, proposed by ${row.b_proposed_by}`;
    const [, overtaken] = await Promise.all([
      send(historyText, [uuid, tenantId, row.b_entity_id, row.b_level, row.b_rank, row.b_reason, source, at]),
      send(overtakenText, [tenantId, row.b_entity_id, at, row.b_level]),
    ]);
    if (overtaken.length > 0) throw new Error("not what the bench sends");
    const answer = JSON.stringify(after);
    const { entityId, fromLevel, level, reason: why, signalIds, classification } = before;
    const content = { classification, entityId, fromLevel, level, reason: why, signalIds };
    await closing(send, caller, of, {
      ...{ type: "posture", operation: "posture.confirm", action: "posture.confirm", event: "confirm", at, id: uuid },
      ...{ version: version + 1, classification, entityId: row.b_entity_id, from: "proposed", to: "confirmed" },
      ...{ before: canonical(before), after: canonical(after), reason, name: "posture.confirmed" },
      changes: Object.fromEntries(
        (["decidedAt", "decidedBy", "state", "stateReason", "updatedAt", "version"] as const).map((name) => [
          name,
          [before[name], after[name]],
        ]),
      ),
      decision: { fourEyes: true, contentSha256: sha256(JSON.stringify(content)) },
      persons: [actorId],
      payload: { id, from: "proposed", to: "confirmed", reason },
      answer,
    });
    return answer;
  });
}
