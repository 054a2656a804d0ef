import { z } from "zod";

/** What `moves` of a thing answers: each move that callers make, and for this caller whether they may, now. */
export const movesOutput = <const S extends readonly [string, ...string[]]>(states: S) =>
  z.object({
    items: z
      .array(
        z.object({
          event: z.string().max(64).describe("The operation's name: `acknowledge`."),
          to: z.enum(states).nullable().describe("The state it leads to; null where there is no such move now."),
          allowed: z.boolean(),
          why: z.string().max(64).nullable().describe("The code of the problem that the caller would get."),
        }),
      )
      .max(20),
  });
