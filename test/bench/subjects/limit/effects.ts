import { randomBytes } from "node:crypto";
import { arrayOf } from "@dais/drizzle/schema/texts";
import { sha256 } from "@dais/kernel/canonical";
import { uuidMaker } from "@dais/kernel/ids";
import type { Known } from "../guard.ts";
import type { Send } from "./lanes.ts";

/** What a command's rows say of the request. */
export type Of = { key: string; requestId: string; address: string };
export type Effect = {
  /** Of the thing, as audit and events name it. */
  type: string;
  operation: string;
  action: string;
  event: string | null;
  at: string;
  id: string;
  version: number;
  classification: unknown;
  entityId: unknown;
  from: string | null;
  to: string | null;
  before: string | null;
  after: string;
  changes: object | null;
  reason: string | null;
  payload: object;
  name: string;
  answer: string;
  /** Beyond the permission. */
  decision?: object;
  /** The people behind the caller; a key's maker is none. */
  persons?: string[];
};

export const newId = uuidMaker({ now: () => new Date(), random: randomBytes });

/** Begin, tenant and claim: sent together with the command's first statement. */
export const opening = (
  send: Send,
  { tenantId, actorId }: Known,
  { key }: Of,
  operation: string,
  hash: string,
  at: string,
) => [
  send("begin read write"),
  send("select set_config('dais.tenant', $1, true), set_config('lock_timeout', $2, true)", [tenantId, "200"]),
  send(
    `insert into idempotency (tenant_id, actor_id, operation, key, request_hash, created_at) values ($1, $2, $3, $4, $5, $6)
     on conflict do nothing returning set_config('lock_timeout', '5000', true)`,
    [tenantId, actorId, operation, key, hash, at],
  ),
];

const auditText = `insert into audit (id, tenant_id, at, outcome, actor_id, address, operation, action, resource_type,
    resource_id, resource_version, classification, event, from_state, to_state, changed, before_digest, after_digest, changes,
    reason, decision, request_id, idempotency_key, salt, persons, session_id, actor_kind)
  values ($1, $2, $3, 'done', $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, true, $15, $16, $17, $18, $19, $20, $21, $22, $23::text[], $24, $25)`;
const outboxText = `insert into outbox (id, tenant_id, name, event_version, occurred_at, resource_type, resource_id, resource_version,
    entity_id, classification, payload, actor_kind, actor_id, request_id)
  values ($1, $2, $3, 1, $4, $5, $6, $7, $8, $9, $10, $13, $11, $12)`;
const answerText =
  "update idempotency set answer = $5::json where tenant_id = $1 and actor_id = $2 and operation = $3 and key = $4";

/** Audit entry, event, stored answer and commit, sent together. */
export function closing(
  send: Send,
  { tenantId, actorId, sessionId = null }: Known,
  { key, requestId, address }: Of,
  effect: Effect,
) {
  const kind = sessionId === null ? "client" : "user";
  const { type, operation, action, event, at, id, version, classification, from, to, changes } = effect;
  const entry = newId();
  const salt = sha256(`${entry}${crypto.randomUUID()}`);
  const digests = [effect.before && sha256(effect.before), sha256(effect.after)];
  return Promise.all([
    send(auditText, [
      ...[entry, tenantId, at, actorId, address, operation, action, type, id, version],
      ...[classification, event, from, to],
      ...[
        ...digests,
        changes && JSON.stringify(changes),
        effect.reason,
        JSON.stringify({ permission: action, ...effect.decision }),
        requestId,
        key,
        salt,
        arrayOf(effect.persons ?? []),
        sessionId,
        kind,
      ],
    ]),
    send(outboxText, [
      ...[newId(), tenantId, effect.name, at, type, id, version, effect.entityId, classification],
      ...[JSON.stringify(effect.payload), actorId, requestId, kind],
    ]),
    send(answerText, [tenantId, actorId, operation, key, effect.answer]),
    send("commit"),
  ]);
}
