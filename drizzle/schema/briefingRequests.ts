import { briefingRequestStates } from "@dais/contracts/briefings/values";
import { date, index, integer, pgTable, text, unique, uuid } from "drizzle-orm/pg-core";
import { instant, tenantId } from "./columns.ts";
import { organisations } from "./organisations.ts";

/** That a day's briefing is wanted: one for each day at most. `state` moves only through the machine `briefing_request`. */
export const briefingRequests = pgTable(
  "briefing_requests",
  {
    id: uuid().primaryKey(),
    tenantId: tenantId().references(() => organisations.id),
    day: date().notNull(),
    /** The window of signals. */
    windowFrom: instant("window_from").notNull(),
    windowTo: instant("window_to").notNull(),
    /** Null: a person is asked at once. */
    agentId: uuid("agent_id"),
    askAt: instant("ask_at").notNull(),
    /** The lowest level: that a day starts is no secret. */
    classification: text().notNull(),
    state: text({ enum: briefingRequestStates }).notNull(),
    stateReason: text("state_reason"),
    version: integer().notNull().default(1),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (t) => [
    unique("briefing_requests_day").on(t.tenantId, t.day),
    index("briefing_requests_open").on(t.tenantId, t.state, t.day),
  ],
);
