import { z } from "zod";
import { Instant } from "./shapes.ts";

/** What an operation answers that makes a file. REST sends the bytes themselves when `Accept` asks for `mediaType`. */
export const Download = z
  .object({
    mediaType: z.string().max(200),
    size: z.int().min(0).describe("In bytes."),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    url: z.url().describe("Where the bytes are, for this caller only."),
    expiresAt: Instant,
  })
  .meta({ id: "Download", description: "A file: what it is, its digest, and where its bytes are." });
