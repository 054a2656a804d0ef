import { setTimeout as sleep } from "node:timers/promises";
import { idOf } from "@dais/contracts/kit/ids";
import { record } from "@dais/kernel/audit";
import type { Ctx } from "@dais/kernel/context";
import { type At, enqueue, type Job, job, type Step } from "@dais/kernel/jobs";
import { emit } from "@dais/kernel/outbox";
import type { Paper, Print } from "@dais/kernel/print";
import { z } from "zod";
import { hold } from "../rows.ts";
import { type Frozen, freeze } from "./freeze.ts";
import { type Files, insert } from "./rows.ts";

const schema = z.strictObject({ briefingId: z.string(), version: z.int() });
type Data = z.infer<typeof schema>;
/** Where a run is: it has looked for a checkpoint so often, or has all that is to be printed. */
type Position = { looked: number } | { frozen: Frozen } | null;

/** A checkpoint follows within a second. For so many of them a run waits, and then the next try does. */
const patience = 5;

/**
 * Freezes what is printed of a briefing, and prints it: first the proof of its approval is waited for, then it is printed outside of any
 * transaction, and then kept. Where the approval counts no more by then, nothing is.
 */
const printing = {
  name: "briefings.print",
  action: "briefing.print",
  quiet: true,
  schema,
  retry: { limit: 30, delaySeconds: 2, backoff: true },
  expireSeconds: 300,
  async run(ctx: Ctx, { briefingId, version }: Data, { position }: At, files: Files | null): Promise<Step | undefined> {
    const id = idOf("brf", briefingId);
    const at = position as Position;
    const row = await hold(ctx, id);
    const moved = row.state === "distributed" ? row.version - 1 : row.version;
    if ((row.state !== "approved" && row.state !== "distributed") || moved !== version) return;
    if (at && "frozen" in at) return kept(ctx, { briefingId, version }, row.classification, at.frozen, files as Files);
    const frozen = await freeze(ctx, id, briefingId, version);
    if (frozen) return { next: { frozen } };
    const looked = (at?.looked ?? 0) + 1;
    if (looked > patience) throw new Error("the approval is under no checkpoint yet");
    return { next: { looked } };
  },
} satisfies Job<Data, Files | null>;

async function kept(ctx: Ctx, of: Data, classification: string, frozen: Frozen, files: Files): Promise<undefined> {
  await insert(ctx, of, frozen, files);
  const resource = { type: "briefing", id: of.briefingId, version: of.version, classification };
  const { operation } = frozen.paper.approval;
  const { en, ar, both } = files.of;
  const sha256 = { en: en?.sha256 ?? null, ar: ar?.sha256 ?? null, both: both?.sha256 ?? null };
  // The briefing itself is as it was: to have it printed is no hand in it.
  record(ctx, { resource, changed: false, decision: { approval: operation, checkpoint: frozen.size, sha256 } });
  emit(ctx, { name: "briefing.printed", resource, payload: { id: idOf("brf", of.briefingId), sha256 } });
}

/** Prints in all languages, one after the other: others want the threads, too. @throws Error where another try may go well */
async function printed(print: Print, paper: Paper): Promise<Files> {
  const files: Files = { of: {}, refused: null };
  for (const languages of ["en", "ar", "both"] as const) {
    const file = await print({ ...paper, languages, mark: null });
    if (!("refused" in file)) files.of[languages] = file;
    else if (file.refused === "too_long") files.refused = file.limits;
    else throw new Error("the document was not printed");
  }
  return files;
}

/** What goes on with papers in the background. */
export const paperJobs = (print: Print) => ({
  jobs: [
    job<Data, Files | null>({
      ...printing,
      async prepare(_data, { position }) {
        const at = position as Position;
        if (at && "frozen" in at) return printed(print, at.frozen.paper);
        if (at) await sleep(1000);
        return null;
      },
    }),
  ],
});

/** Has a briefing printed that was just approved. */
export function printLater(ctx: Ctx, of: Data): void {
  enqueue(ctx, printing, of);
}
