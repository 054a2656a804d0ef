import { rowWaitMs } from "./idempotency.ts";
import type { Rows } from "./lane.ts";

/** A consumer takes an event in: once for each event, however often it is delivered. */
export type Taking = { tenantId: string; consumer: string; eventId: string; at: Date };

type Send = (text: string, params: readonly unknown[]) => Promise<Rows>;

/** Notes the event in the consumer's own transaction; no row back means that it was taken in before. */
export const taking = (send: Send, of: Taking): Promise<Rows> =>
  send(
    `insert into inbox (tenant_id, consumer, event_id, taken_at) values ($1, $2, $3, $4)
     on conflict do nothing returning set_config('lock_timeout', '${rowWaitMs}', true)`,
    [of.tenantId, of.consumer, of.eventId, of.at.toISOString()],
  );
