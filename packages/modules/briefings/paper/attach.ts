import { uuidOf } from "@dais/contracts/kit/ids";
import { arrayOf } from "@dais/drizzle/schema/texts";
import type { Ctx } from "@dais/kernel/context";
import { fileName } from "@dais/kernel/disposition";
import { task } from "@dais/kernel/task";

/** Of briefing `b`, whose approval counts, the paper `p` that was made of it: also one that was too long to be printed. */
const itsPaper = `join lateral (
    select * from briefing_papers p where p.tenant_id = b.tenant_id and p.briefing_id = b.id order by p.version desc limit 1
  ) p on p.approved_at = b.approved_at and b.state in ('approved', 'distributed')`;

/** Which of these briefings, by their public ids, have a document as it was approved. One exchange. */
export async function withPaper(ctx: Ctx, ids: readonly string[]): Promise<Set<string>> {
  const uuids = new Map(ids.map((id) => [uuidOf(id), id]));
  const rows = await ctx.send(there, [ctx.tenant.id, arrayOf([...uuids.keys()])]);
  return new Set(rows.map((row) => uuids.get(row.id as string) as string));
}

const there = `select b.id from briefings b ${itsPaper} where b.tenant_id = $1 and b.id = any ($2::uuid[])`;

export type Attached = { name: string; bytes: Uint8Array; madeAt: Date };

/** The document of a briefing as everybody gets it, in the languages that it is written in; null where there is none, or it was too long. */
export const attached = task({
  name: "briefings.attach",
  action: "briefing.read",
  quiet: true,
  async run(ctx: Ctx, id: string): Promise<Attached | null> {
    const [row] = await ctx.send(file, [ctx.tenant.id, uuidOf(id)]);
    if (!row) return null;
    const name = fileName(`${row.day} ${row.title}`, "pdf");
    return { name, bytes: row.bytes as Uint8Array, madeAt: new Date(row.made_at as string) };
  },
});

const file = `
  select f.bytes, p.made_at, b.day::text as day, b.title ->> 'en' as title from briefings b ${itsPaper}
    join briefing_files f on f.tenant_id = p.tenant_id and f.briefing_id = p.briefing_id and f.version = p.version and f.languages = p.languages
  where b.tenant_id = $1 and b.id = $2`;
