import { z } from "zod";
import { Classification, Instant } from "./shapes.ts";

/** A number that a person could act on, with where it came from and how fresh it is. A stale figure is never shown as good. */
export const Figure = z
  .object({
    value: z.number().nullable(),
    unit: z.string().max(40).describe("For example `signals`, `percent`, `AED`."),
    asOf: Instant.describe("The moment that the value speaks of."),
    fetchedAt: Instant.describe("When Dais got it."),
    source: z.string().max(200).describe("Which system, and where in it."),
    method: z
      .enum(["source", "derived", "human", "agent"])
      .describe("Who made the value: the source itself, a formula, a person or an agent."),
    classification: Classification,
    freshness: z.enum(["fresh", "stale", "unknown"]),
  })
  .meta({ id: "Figure", description: "A number with its source and freshness." });
