import { z } from "zod";
import { line } from "../kit/shapes.ts";
import { Edition, sectionKey } from "./shape.ts";

const changes = ["added", "removed", "changed", "moved"] as const;

/** What differs between two editions, as a person reads it. Texts that don't differ are left out. */
export const BriefingDiff = z
  .object({
    from: Edition,
    to: Edition,
    fields: z
      .array(z.object({ field: line(40), from: z.unknown(), to: z.unknown() }))
      .max(10)
      .describe("Day, title, sources, classification and audience, where they differ."),
    sections: z
      .array(
        z.object({
          id: sectionKey,
          change: z.enum(changes).describe("`moved`: only its place differs."),
          texts: z
            .array(
              z.object({
                part: z.enum(["heading", "body"]),
                language: z.enum(["en", "ar"]),
                hunks: z
                  .array(
                    z.object({
                      line: z.int().min(1).max(200_000).describe("In which line of the later text it begins."),
                      parts: z
                        .array(
                          z.object({
                            kind: z.enum(["same", "added", "removed"]),
                            text: z.string().max(200_000),
                          }),
                        )
                        .max(100_000)
                        .describe("In order. Without `removed` they are the later text, without `added` the earlier."),
                    }),
                  )
                  .max(100_000)
                  .describe("Places that differ, with up to two lines around them."),
              }),
            )
            .max(4),
        }),
      )
      .max(40),
  })
  .meta({ id: "BriefingDiff", description: "What differs between two editions of a briefing." });
export type BriefingDiff = z.infer<typeof BriefingDiff>;
