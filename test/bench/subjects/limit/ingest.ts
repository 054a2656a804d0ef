import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import { sha256 } from "@dais/kernel/canonical";
import type { Known } from "../guard.ts";
import { closing, newId, type Of, opening } from "./effects.ts";
import type { Hold } from "./lanes.ts";
import { canonical, columns, list, show } from "./signal.ts";

const typed = Object.entries(columns)
  .map(([name, type]) => `"${name}" ${type}`)
  .join(", ");
const insertText = `
  with input as (select * from json_to_recordset($1::json) as r(${typed})),
  placed as (
    select i.* from input i
    where i.entity_id is null or exists (select from entities e where e.tenant_id = $2 and e.id = i.entity_id)
  ),
  made as (insert into signals (${list}) select ${list} from placed order by id on conflict do nothing returning id)
  select i.id, case when m.id is not null then 'made' when p.id is not null then 'known' else 'no entity' end as became
  from input i left join placed p on p.id = i.id left join made m on m.id = i.id`;

type Input = Record<string, string | number | null>;

/** Reports one new signal. */
export function ingest(hold: Hold, caller: Known, of: Of, body: Input): Promise<string> {
  const at = new Date().toISOString();
  const row = {
    id: newId(),
    tenant_id: caller.tenantId,
    source: body.source,
    external_id: body.externalId ?? null,
    title: body.title,
    body: body.body ?? "",
    severity: body.severity,
    category: body.category,
    classification: body.classification,
    confidence: body.confidence ?? null,
    entity_id: body.entityId ? uuidOf(body.entityId as string) : null,
    area: body.area ?? null,
    language: body.language ?? "en",
    occurred_at: body.occurredAt,
    reported_at: body.reportedAt,
    expires_at: body.expiresAt ?? null,
    state: "new",
    state_reason: null,
    version: 1,
    created_at: at,
    updated_at: at,
  };
  const signal = show(row);
  const answer = JSON.stringify({ changed: true, signal });
  return hold(async (send) => {
    const hash = sha256(canonical(asked(signal)));
    const [, , claimed, became] = await Promise.all([
      ...opening(send, caller, of, "signals.ingest", hash, at),
      send(insertText, [JSON.stringify([row]), caller.tenantId]),
    ]);
    if (claimed?.length !== 1 || became?.[0]?.became !== "made") throw new Error("not what the bench sends");
    await closing(send, caller, of, {
      operation: "signals.ingest",
      event: "ingest",
      at,
      id: row.id,
      version: 1,
      classification: row.classification,
      entityId: row.entity_id,
      from: null,
      to: "new",
      before: null,
      after: canonical(signal),
      changes: null,
      reason: null,
      name: "signal.ingested",
      payload: { id: idOf("sig", row.id), severity: row.severity, category: row.category },
      answer,
    });
    return answer;
  });
}

/** The input with its defaults filled in: what the key's hash is of. */
function asked(signal: ReturnType<typeof show>): object {
  const { id, state, stateReason, version, createdAt, updatedAt, ...input } = signal;
  return input;
}
