import { jobStates } from "@dais/contracts/jobs";
import { sql } from "drizzle-orm";
import { boolean, index, integer, jsonb, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { instant, tenantId } from "./columns.ts";
import { organisations } from "./organisations.ts";

/**
 * What is to be done in the background. A row that comes to wait is given to pg-boss by the trigger `jobs_queued`, in the same
 * transaction and under the id `run`; pg-boss knows this id, the row's and the tenant's, and nothing of what the job works on.
 */
export const jobs = pgTable(
  "jobs",
  {
    id: uuid().primaryKey(),
    tenantId: tenantId().references(() => organisations.id),
    name: text().notNull(),
    data: jsonb().$type<unknown>().notNull(),
    state: text({ enum: jobStates }).notNull(),
    /** Another one each time it comes to wait: whoever holds an older one has nothing to say any more. */
    run: uuid().notNull(),
    attempts: integer().notNull(),
    retryLimit: integer("retry_limit").notNull(),
    retryDelaySeconds: integer("retry_delay_seconds").notNull(),
    retryBackoff: boolean("retry_backoff").notNull(),
    expireSeconds: integer("expire_seconds").notNull(),
    /** Of those that wait, one for each key. Null once it has begun. */
    singletonKey: text("singleton_key"),
    /** Where the next step begins, in a job of many steps. */
    position: jsonb().$type<unknown>(),
    done: integer(),
    total: integer(),
    errorCode: text("error_code"),
    errorMessage: text("error_message"),
    onBehalfOf: text("on_behalf_of"),
    requestId: text("request_id").notNull(),
    traceparent: text(),
    startAfter: instant("start_after"),
    createdAt: instant("created_at").notNull(),
    startedAt: instant("started_at"),
    finishedAt: instant("finished_at"),
    version: integer().notNull(),
  },
  (t) => [
    index("jobs_newest").on(t.tenantId, t.id),
    index("jobs_states").on(t.tenantId, t.state, t.id),
    uniqueIndex("jobs_singleton").on(t.tenantId, t.name, t.singletonKey).where(sql`${t.singletonKey} is not null`),
    index("jobs_age").on(t.finishedAt).where(sql`${t.finishedAt} is not null`),
  ],
);
