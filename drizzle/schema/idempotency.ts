import { index, json, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { instant, tenantId } from "./columns.ts";

/** A claimed Idempotency-Key and the answer that its call gave, in the transaction of the call's effect. Kept 24 h at least. */
export const idempotency = pgTable(
  "idempotency",
  {
    tenantId: tenantId(),
    actorId: text("actor_id").notNull(),
    operation: text().notNull(),
    key: text().notNull(),
    /** SHA-256 over the canonical JSON (RFC 8785) of the parsed input. */
    requestHash: text("request_hash").notNull(),
    /** Secrets in it are null. */
    answer: json(),
    createdAt: instant("created_at").notNull(),
  },
  (t) => [
    primaryKey({ name: "idempotency_key", columns: [t.tenantId, t.actorId, t.operation, t.key] }),
    index("idempotency_age").on(t.createdAt),
  ],
);
