import { uuidOf } from "@dais/contracts/kit/ids";
import { briefingFiles, briefingPapers } from "@dais/drizzle/schema/briefingPapers";
import type { Ctx } from "@dais/kernel/context";
import type { Paper, Printing } from "@dais/kernel/print";
import type { Frozen } from "./freeze.ts";

export type Languages = Printing["languages"];
export type Limits = { pages: number; characters: number };
export type File = { bytes: Uint8Array; sha256: string; pages: number };
/** In each language in which it isn't too long. `refused`: what it may have at most, where it is in one of them. */
export type Files = { of: Partial<Record<Languages, File>>; refused: Limits | null };

export async function insert(
  ctx: Ctx,
  of: { briefingId: string; version: number },
  { paper, languages, approvedAt }: Frozen,
  files: Files,
): Promise<void> {
  const key = { tenantId: ctx.tenant.id, ...of };
  const about = { languages, document: paper, approvedAt: new Date(approvedAt), madeAt: ctx.now };
  const papers = ctx.db.insert(briefingPapers).values({ ...key, ...about, refused: files.refused });
  const rows = Object.entries(files.of).map(([languages, file]) => ({
    ...{ ...key, ...file },
    languages: languages as Languages,
  }));
  if (rows.length === 0) return void (await papers);
  await Promise.all([papers, ctx.db.insert(briefingFiles).values(rows)]);
}

export type Found = {
  made: true;
  languages: Languages;
  document: Paper;
  refused: Limits | null;
  bytes: Uint8Array | null;
};
/** What becomes of a document that isn't there: it is being made, or its job failed for good, or there is none (any more). */
export type Missing = { made: false; job: { id: string; failed: boolean } | null };

/** The paper of a briefing's approval, with its file in these languages, or in those that it is written in; or why there is none. One exchange. */
export async function paperOf(
  ctx: Ctx,
  id: string,
  languages: Languages | undefined,
  of: "bytes" | "document",
): Promise<Found | Missing> {
  const [row] = await ctx.send(newest, [ctx.tenant.id, uuidOf(id), languages ?? null, of]);
  return row?.made ? (row as Found) : { made: false, job: (row?.job ?? null) as Missing["job"] };
}

// Of one moment: what is made by then is there, and what isn't is still waited for.
const newest = `
  select p.made, coalesce($3::text, p.languages) as languages, p.refused,
    case $4::text when 'document' then p.document end as document, case $4::text when 'bytes' then f.bytes end as bytes,
    case when p.made then null else (
      select json_build_object('id', j.id, 'failed', j.state = 'failed') from jobs j
      where j.tenant_id = $1 and j.name = 'briefings.print' and j.state in ('waiting', 'running', 'retrying', 'failed')
        and j.data ->> 'briefingId' = b.id::text
        and (j.data ->> 'version')::int = b.version - case b.state when 'distributed' then 1 else 0 end
      order by j.id desc limit 1
    ) end as job
  from briefings b left join lateral (
      select p.*, p.approved_at = b.approved_at as made from briefing_papers p
      where p.tenant_id = b.tenant_id and p.briefing_id = b.id order by p.version desc limit 1
    ) p on true
    left join briefing_files f on f.tenant_id = p.tenant_id and f.briefing_id = p.briefing_id
      and f.version = p.version and f.languages = coalesce($3::text, p.languages)
  where b.tenant_id = $1 and b.id = $2`;
