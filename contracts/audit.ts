import { z } from "zod";
import { query } from "./audit/capability.ts";
import { AuditEntry, EntryId } from "./audit/entry.ts";
import { entryFilters } from "./audit/filters.ts";
import { proofOperations } from "./audit/proofs.ts";
import { witnessOperations } from "./audit/witnesses.ts";
import { exampleEntry, exampleEntryId as id } from "./examples/audit.ts";
import { Download } from "./kit/download.ts";
import { router } from "./kit/operation.ts";
import { page, paging } from "./kit/paging.ts";

export type { ProofBundle } from "./audit/bundle.ts";
export type { AuditEvents } from "./audit/capability.ts";
export type { Checkpoint, SigningKey } from "./audit/checkpoint.ts";
export { AuditEntry } from "./audit/entry.ts";
export type { Witness } from "./audit/witnesses.ts";

/** What goes into an export at most. */
export const mostExported = 100_000;
export const ndjson = "application/x-ndjson";

export const audit = router({
  search: query({
    rest: "GET /audit",
    summary: "Search the audit log, newest first",
    description:
      "Entries above the caller's clearance come with `withheld: true`, and fit only what is shown of them: nobody finds out by a filter what one of them is about.",
    permission: "audit.read",
    problems: ["invalid_cursor"],
    input: z.strictObject({ ...paging, ...entryFilters }),
    output: page(AuditEntry),
    examples: [
      {
        title: "What was done to a signal",
        input: { resourceId: exampleEntry.resourceId },
        output: { items: [exampleEntry], nextCursor: null },
      },
    ],
  }),
  get: query({
    rest: "GET /audit/{id}",
    summary: "Read one entry of the audit log",
    permission: "audit.read",
    problems: ["audit_entry_not_found"],
    input: z.strictObject({ id: EntryId }),
    output: AuditEntry,
    examples: [{ title: "One entry", input: { id }, output: exampleEntry }],
  }),
  export: query({
    rest: "GET /audit/export",
    summary: "Export entries of the audit log, oldest first, as lines of JSON",
    description:
      "One entry a line. `dais`: as `audit.get` shows them. `ocsf`: as events of the Open Cybersecurity Schema Framework 1.6.0, of class API Activity, Authentication or Account Change. All that had been committed when it was asked for is in it, and nothing that came later; `through`, in the answer's `url`, says up to where. Each export is on record.",
    permission: "audit.export",
    problems: ["audit_export_too_large"],
    rate: "heavy",
    mcp: false,
    download: [ndjson],
    input: z.strictObject({
      ...entryFilters,
      format: z.enum(["dais", "ocsf"]).default("dais"),
      through: z
        .string()
        .regex(/^[0-9]{1,19}$/)
        .optional()
        .describe("Up to where an earlier answer's export went."),
    }),
    output: Download,
    examples: [
      {
        title: "For a SIEM, an hour",
        input: { format: "ocsf", from: "2026-01-06T04:00:00.000Z", to: "2026-01-06T05:00:00.000Z" },
        output: {
          mediaType: ndjson,
          size: 1024,
          sha256: "5f2b1c7d9e8a4f60b3c2d1e0f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c4d3e2f1a0",
          url: "https://dais.example.org/v1/audit/export?format=ocsf&from=2026-01-06T04%3A00%3A00.000Z&to=2026-01-06T05%3A00%3A00.000Z&through=1024",
          expiresAt: "2026-01-06T06:00:01.000Z",
        },
      },
    ],
  }),
  ...proofOperations,
  ...witnessOperations,
});
