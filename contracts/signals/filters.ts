import { z } from "zod";
import { typeId } from "../kit/ids.ts";
import { Instant } from "../kit/shapes.ts";
import { categories, severities, signalStates } from "./values.ts";

/** Which signals: those for which all of it holds. */
export const filters = {
  state: z
    .array(z.enum(signalStates))
    .min(1)
    .max(7)
    .optional()
    .describe("Only these states. Without it, all but `merged`."),
  severity: z.array(z.enum(severities)).min(1).max(5).optional().describe("Only these severities."),
  category: z.array(z.enum(categories)).min(1).max(12).optional().describe("Only these categories."),
  source: z.string().min(1).max(80).optional().describe("Only this source."),
  entityId: typeId("ent").optional().describe("Only this entity's own."),
  since: Instant.optional().describe("Only those that occurred at this moment or later."),
};
