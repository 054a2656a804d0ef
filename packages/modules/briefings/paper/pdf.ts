import type { briefings as contract } from "@dais/contracts/briefings";
import { pdfMediaType } from "@dais/contracts/briefings/pdf";
import type { Download } from "@dais/contracts/kit/download";
import { idOf } from "@dais/contracts/kit/ids";
import { sha256 } from "@dais/kernel/canonical";
import type { Ctx, Handlers } from "@dais/kernel/context";
import { fileName } from "@dais/kernel/disposition";
import { download } from "@dais/kernel/download";
import { outside } from "@dais/kernel/outside";
import type { Printing } from "@dais/kernel/print";
import { Problem } from "@dais/kernel/problem";
import { find } from "../rows.ts";
import { nameOf } from "./names.ts";
import { type Missing, paperOf } from "./rows.ts";

/**
 * The document as it was printed for everybody; or the caller's own copy, which is printed now, outside of any connection, and always on record.
 * @throws briefing_not_found, briefing_wrong_state, briefing_not_sealed, briefing_paper_failed, briefing_too_long, unavailable
 */
export const pdf: Handlers<typeof contract>["pdf"] = async (ctx, { id, languages, marked }): Promise<Download> => {
  const [row, paper, name] = await Promise.all([
    find(ctx, id),
    paperOf(ctx, id, languages, marked ? "document" : "bytes"),
    marked ? nameOf(ctx, ctx.actor.id) : "",
  ]);
  const { state, classification } = row;
  if (state !== "approved" && state !== "distributed")
    throw new Problem("briefing_wrong_state", { state, event: "print" });
  if (!paper.made) throw missing(paper);
  if (!marked && !paper.bytes) throw new Problem("briefing_too_long", paper.refused ?? {});
  const own = () => copy(ctx, { ...paper.document, languages: paper.languages, mark: markOf(ctx, id, name) });
  const content = marked ? await outside(ctx, own) : (paper.bytes as Uint8Array);
  const asked = new URLSearchParams({ languages: paper.languages, ...(marked && { marked: "true" }) });
  const told = { id, classification };
  return download(ctx, {
    ...{ content, mediaType: pdfMediaType, path: `/briefings/${id}/pdf?${asked}` },
    name: fileName(`${row.day} ${row.title.en}`, "pdf"),
    tells: marked
      ? { items: [told], count: 1, highest: ctx.tenant.levels.indexOf(classification), always: true }
      : [told],
  });
};

/** The id of a job is no secret: to read of it takes a permission of its own. */
function missing({ job }: Missing): Problem {
  if (job && !job.failed) return new Problem("briefing_not_sealed", { retryAfterSeconds: 2 });
  return new Problem("briefing_paper_failed", { jobId: job && idOf("job", job.id) });
}

/** @throws unavailable, briefing_too_long where the mark is what is too much */
async function copy(ctx: Ctx, document: Printing): Promise<Uint8Array> {
  const file = await ctx.print(document);
  if (!("refused" in file)) return file.bytes;
  if (file.refused === "too_long") throw new Problem("briefing_too_long", file.limits);
  throw new Problem("unavailable", { retryAfterSeconds: 2 });
}

/** Whose copy it is: a name to read, and a code that is the caller's own in this briefing. */
function markOf(ctx: Ctx, id: string, name: string): string {
  const code = sha256(`${id} ${ctx.actor.id}`).slice(0, 8).toUpperCase();
  return `${name} · ${code.slice(0, 4)}-${code.slice(4)}`;
}
