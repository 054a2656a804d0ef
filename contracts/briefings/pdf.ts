import { z } from "zod";
import { briefingId as id } from "../examples/briefings.ts";
import { Download } from "../kit/download.ts";
import { query } from "./capability.ts";
import { BriefingId } from "./shape.ts";

export const pdfMediaType = "application/pdf";

/** A briefing on paper. */
export const pdfOperations = {
  pdf: query({
    rest: "GET /briefings/{id}/pdf",
    summary: "Read an approved briefing as a PDF",
    description:
      "As it was approved, with the proof of that: attached, and as a QR code. It is printed once for all, when its approval is under a checkpoint of the audit log; its SHA-256 is on record there. For who may read briefings, and for those to whom it was distributed.",
    permission: null,
    problems: [
      "briefing_not_found",
      "briefing_wrong_state",
      "briefing_not_sealed",
      "briefing_paper_failed",
      "briefing_too_long",
    ],
    rate: "heavy",
    download: [pdfMediaType],
    input: z.strictObject({
      id: BriefingId,
      languages: z
        .enum(["en", "ar", "both"])
        .optional()
        .describe("Without it, those that it is written in. Where there is no Arabic, the English stands in."),
      marked: z
        .boolean()
        .default(false)
        .describe("The caller's own copy: their name and a code stand on each page. Each such read is on record."),
    }),
    output: Download,
    examples: [
      {
        title: "In English",
        input: { id, languages: "en" },
        output: {
          ...{ mediaType: pdfMediaType, size: 48_213 },
          sha256: "5f2b1c7d9e8a4f60b3c2d1e0f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c4d3e2f1a0",
          url: `https://dais.example.org/v1/briefings/${id}/pdf?languages=en`,
          expiresAt: "2026-01-06T05:00:01.000Z",
        },
      },
    ],
  }),
};
