import { arrayOf } from "@dais/drizzle/schema/texts";
import type { Lane } from "../lane.ts";
import type { Settlement } from "./deliver.ts";
import { release } from "./take.ts";

/**
 * Writes down what has become of batches, and then gives their resources back: whoever takes one next sees it.
 * Statements that have nothing to write are not sent; all of them go out together.
 */
export async function settle(
  lane: Lane,
  done: readonly Settlement[],
  { now, newId }: { now: Date; newId(): string },
): Promise<void> {
  const at = now.toISOString();
  const published = done.flatMap((each) => each.published);
  const [held, over, dead, letters] = [
    done.flatMap(heldRows),
    done.flatMap(overRows),
    done.flatMap(deadRows),
    done.flatMap(letterRows),
  ];
  const several = held.length + over.length + dead.length + letters.length > 0;
  const send = (text: string, rows: readonly object[], ...more: unknown[]) =>
    rows.length > 0 ? [lane.send(text, [JSON.stringify(rows), ...more])] : [];
  await Promise.all([
    ...(several ? [lane.send("begin read write")] : []),
    ...send(hold, held),
    ...send(letGo, over),
    ...send(
      bury,
      dead.map((row) => ({ ...row, id: newId(), failed_at: at })),
    ),
    ...send(answer, letters, at),
    ...(published.length > 0 ? [lane.send(publish, [arrayOf(published.map(String)), at])] : []),
    ...(several ? [lane.send("commit")] : []),
  ]);
  await release(
    lane,
    done.map(({ resourceId }) => resourceId),
  );
}

const heldRows = ({ resourceId, held }: Settlement) =>
  held.map((of) => ({
    tenant_id: of.tenantId,
    resource_id: resourceId,
    consumer: of.consumer,
    from_seq: of.fromSeq,
    attempts: of.attempts,
    retry_at: of.retryAt.toISOString(),
    since: of.since.toISOString(),
    error_code: of.errorCode,
  }));

const overRows = ({ resourceId, over }: Settlement) => over.map((consumer) => ({ resource_id: resourceId, consumer }));

const letterRows = ({ letters }: Settlement) =>
  letters.map(({ id, attempts, errorCode }) => ({ id, attempts, error_code: errorCode }));

const deadRows = ({ dead }: Settlement) =>
  dead.map(({ consumer, event, attempts, errorCode }) => ({
    tenant_id: event.tenantId,
    consumer,
    seq: event.seq,
    event_id: event.id,
    event_name: event.name,
    resource_type: event.resourceType,
    resource_id: event.resourceId,
    entity_id: event.entityId,
    classification: event.classification,
    occurred_at: event.occurredAt.toISOString(),
    request_id: event.requestId,
    error_code: errorCode,
    attempts,
  }));

const publish = "update outbox set published_at = $2 where seq = any ($1::bigint[])";

const hold = `
  insert into stalls (tenant_id, resource_id, consumer, from_seq, attempts, retry_at, since, error_code)
  select tenant_id, resource_id, consumer, from_seq, attempts, retry_at, since, error_code from json_to_recordset($1::json) as r
    (tenant_id uuid, resource_id uuid, consumer text, from_seq bigint, attempts int, retry_at timestamptz, since timestamptz, error_code text)
  on conflict (resource_id, consumer) do update set from_seq = excluded.from_seq, attempts = excluded.attempts,
    retry_at = excluded.retry_at, since = excluded.since, error_code = excluded.error_code`;

const letGo = `
  delete from stalls s using json_to_recordset($1::json) as r (resource_id uuid, consumer text)
  where s.resource_id = r.resource_id and s.consumer = r.consumer`;

const bury = `
  insert into dead_letters (id, tenant_id, consumer, seq, event_id, event_name, resource_type, resource_id, entity_id, classification,
    occurred_at, request_id, error_code, attempts, failed_at)
  select id, tenant_id, consumer, seq, event_id, event_name, resource_type, resource_id, entity_id, classification,
    occurred_at, request_id, error_code, attempts, failed_at
  from json_to_recordset($1::json) as r (id uuid, tenant_id uuid, consumer text, seq bigint, event_id uuid, event_name text,
    resource_type text, resource_id uuid, entity_id uuid, classification text, occurred_at timestamptz, request_id text,
    error_code text, attempts int, failed_at timestamptz)
  on conflict (consumer, event_id) do update set attempts = dead_letters.attempts + excluded.attempts,
    failed_at = excluded.failed_at, error_code = excluded.error_code, retried_at = null, delivered_at = null`;

const answer = `
  update dead_letters d set attempts = r.attempts,
    delivered_at = case when r.error_code is null then $2::timestamptz end,
    failed_at = case when r.error_code is null then d.failed_at else $2::timestamptz end,
    error_code = coalesce(r.error_code, d.error_code),
    retried_at = case when r.error_code is null then d.retried_at end
  from json_to_recordset($1::json) as r (id uuid, attempts int, error_code text) where d.id = r.id`;
