import { z } from "zod";
import { idKinds } from "../kit/ids.ts";
import { Instant } from "../kit/shapes.ts";
import { auditOutcomes } from "./entry.ts";

const name = (example: string) =>
  z
    .string()
    .max(100)
    .regex(/^[a-zA-Z_]+(\.[a-zA-Z_]+)?$/)
    .meta({ example });

const anyId = new RegExp(`^(${Object.keys(idKinds).join("|")})_[0-7][0-9a-hjkmnp-tv-z]{25}$`);
/** Public ids of things of whatever kind. */
const Id = z.string().max(40).regex(anyId, "Must be the id of something.");

/** Which entries: those that fit all that is said. */
export const entryFilters = {
  actorId: z
    .string()
    .max(40)
    .regex(new RegExp(`^system$|${anyId.source}`), "Must be the id of somebody, or `system`.")
    .optional()
    .describe("Who did it, by their own id, or `system`."),
  resourceId: Id.optional().describe("What it was done to."),
  operation: name("signals.acknowledge").optional(),
  action: name("signal.acknowledge").optional(),
  outcome: z.enum(auditOutcomes).optional(),
  event: name("acknowledge").optional(),
  from: Instant.optional().describe("From this moment on."),
  to: Instant.optional().describe("Before this moment."),
};
