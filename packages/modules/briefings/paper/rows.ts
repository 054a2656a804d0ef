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
  approvedAt: number;
  languages: Languages;
  document: Paper;
  refused: Limits | null;
  bytes: Uint8Array | null;
};

/** The latest paper of a briefing, with its file in these languages, or in those that it is written in. */
export async function latest(
  ctx: Ctx,
  id: string,
  languages: Languages | undefined,
  of: "bytes" | "document",
): Promise<Found | null> {
  const [row] = await ctx.send(newest, [ctx.tenant.id, uuidOf(id), languages ?? null, of]);
  return (row as Found | undefined) ?? null;
}

const newest = `
  select (extract(epoch from p.approved_at) * 1000)::float8 as "approvedAt", coalesce($3::text, p.languages) as languages, p.refused,
    case $4::text when 'document' then p.document end as document, case $4::text when 'bytes' then f.bytes end as bytes
  from briefing_papers p left join briefing_files f on f.tenant_id = p.tenant_id and f.briefing_id = p.briefing_id
    and f.version = p.version and f.languages = coalesce($3::text, p.languages)
  where p.tenant_id = $1 and p.briefing_id = $2 order by p.version desc limit 1`;
