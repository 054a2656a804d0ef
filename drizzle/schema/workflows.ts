import { boolean, pgTable, primaryKey, text } from "drizzle-orm/pg-core";

/** The legal moves of every machine, as the code has them; `from_state` is empty where a thing is made. The triggers read it. */
export const workflowMoves = pgTable(
  "workflow_moves",
  {
    machine: text().notNull(),
    fromState: text("from_state").notNull(),
    event: text().notNull(),
    toState: text("to_state").notNull(),
    /** Whoever had a hand in the thing's content may not make this move. */
    fourEyes: boolean("four_eyes").notNull().default(false),
    /** Who makes this move has a hand in the content, as who made or edited the thing has. */
    hand: boolean().notNull().default(false),
  },
  (t) => [primaryKey({ columns: [t.machine, t.fromState, t.event, t.toState] })],
);
