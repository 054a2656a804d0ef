import type { Rows } from "./lane.ts";

/** Whose key it is. The same key of another actor, or for another operation, is another key. */
export type Claim = {
  tenantId: string;
  actorId: string;
  operation: string;
  key: string;
  requestHash: string;
  at: Date;
};

type Send = (text: string, params: readonly unknown[]) => Promise<Rows>;

/** How long a claim waits for another process's running call with the same key. */
export const claimWaitMs = 200;
/** How long a statement waits for a row that another call holds. */
export const rowWaitMs = 5000;

/**
 * Claims the key within the open transaction; no row back means that somebody has it. The waiting time for locks, short for the
 * claim itself, is raised by the claim's own success, which saves a statement.
 */
export const claim = (send: Send, of: Claim) =>
  send(
    `insert into idempotency (tenant_id, actor_id, operation, key, request_hash, created_at) values ($1, $2, $3, $4, $5, $6)
     on conflict do nothing returning set_config('lock_timeout', '${rowWaitMs}', true)`,
    [of.tenantId, of.actorId, of.operation, of.key, of.requestHash, of.at.toISOString()],
  );

/** What the key's first call answered. A statement of its own: the one that met the conflict can't see the row yet. */
export async function storedAnswer(send: Send, of: Claim): Promise<{ requestHash: string; answer: unknown } | null> {
  const [row] = await send(
    "select request_hash, answer from idempotency where tenant_id = $1 and actor_id = $2 and operation = $3 and key = $4",
    [of.tenantId, of.actorId, of.operation, of.key],
  );
  return row ? { requestHash: row.request_hash as string, answer: row.answer } : null;
}

/** Stores the answer beside the claim. `answer` is JSON text, without secrets. */
export const storeAnswer = (send: Send, of: Claim, answer: string) =>
  send(
    "update idempotency set answer = $5::json where tenant_id = $1 and actor_id = $2 and operation = $3 and key = $4",
    [of.tenantId, of.actorId, of.operation, of.key, answer],
  );
