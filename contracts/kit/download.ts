import { z } from "zod";
import { Instant } from "./shapes.ts";

/**
 * What an operation answers that makes a file. REST sends the bytes themselves when `Accept` asks for `mediaType`, MCP adds a
 * `resource_link` to them; what is answered here is the same on all faces.
 */
export const Download = z
  .object({
    mediaType: z.string().max(200),
    size: z.int().min(0).describe("In bytes."),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    url: z
      .url()
      .max(2000)
      .describe("Where the bytes are, for this caller only: with its own credential, and `Accept: <mediaType>`."),
    expiresAt: Instant.describe(
      "Until when the address surely leads to these bytes, if what they tell of stays as it is.",
    ),
  })
  .meta({ id: "Download", description: "A file: what it is, its digest, and where its bytes are." });
export type Download = z.infer<typeof Download>;
