import { z } from "zod";

/** The fields of every list's input. Keyset pages: stable while rows are inserted, no offset, no total. */
export const paging = {
  limit: z.int().min(1).max(100).default(25).describe("How many items at most."),
  cursor: z
    .string()
    .min(1)
    .max(1000)
    .optional()
    .describe("`nextCursor` of the page before. Opaque, signed, good for the same filters and sort only."),
};

/** One page of a list. `nextCursor` is null on the last one. */
export const page = <T extends z.core.$ZodType>(item: T) =>
  z.object({
    items: z.array(item).max(100),
    nextCursor: z.string().max(1000).nullable().describe("Null on the last page."),
  });
