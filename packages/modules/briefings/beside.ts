import type { BriefingComment, BriefingEdition, BriefingRecipient } from "@dais/contracts/briefings";
import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import { briefingComments, briefingEditions, briefingRecipients } from "@dais/drizzle/schema/briefings";
import { people } from "@dais/drizzle/schema/people";
import { arrayOf } from "@dais/drizzle/schema/texts";
import type { Ctx } from "@dais/kernel/context";
import { and, asc, desc, eq, inArray, isNotNull, isNull, lt, sql } from "drizzle-orm";
import { contentOf } from "./workflow.ts";

/** The editions of these numbers, in no order. */
export async function editionsOf(ctx: Ctx, id: string, numbers: readonly number[]): Promise<BriefingEdition[]> {
  const { tenantId, briefingId, edition } = briefingEditions;
  const rows = await ctx.db
    .select()
    .from(briefingEditions)
    .where(and(eq(tenantId, ctx.tenant.id), eq(briefingId, uuidOf(id)), inArray(edition, [...numbers])));
  return rows.map((row) => ({ ...aboutEdition(row), ...contentOf(row) }));
}

/** Up to `limit` editions without their texts, newest first, before a number. */
export async function newestEditions(ctx: Ctx, id: string, before: number | null, limit: number) {
  const { tenantId, briefingId, edition, day, title, classification, contentSha256, author, createdAt } =
    briefingEditions;
  const rows = await ctx.db
    .select({ edition, day, title, classification, contentSha256, author, createdAt })
    .from(briefingEditions)
    .where(
      and(
        ...[eq(tenantId, ctx.tenant.id), eq(briefingId, uuidOf(id))],
        before === null ? undefined : lt(edition, before),
      ),
    )
    .orderBy(desc(edition))
    .limit(limit);
  return rows.map((row) => ({
    ...aboutEdition(row),
    day: row.day,
    title: row.title,
    classification: row.classification,
  }));
}

const aboutEdition = (
  row: Pick<typeof briefingEditions.$inferSelect, "edition" | "contentSha256" | "author" | "createdAt">,
) => ({
  edition: row.edition,
  contentSha256: row.contentSha256,
  author: row.author,
  createdAt: row.createdAt.toISOString(),
});

type Said = { sectionId: string | null; body: string };

/** Keeps comments with the edition of which they speak. */
export async function comment(ctx: Ctx, briefing: string, edition: number, all: readonly Said[]): Promise<void> {
  if (all.length === 0) return;
  await ctx.db.insert(briefingComments).values(
    all.map(({ sectionId, body }) => ({
      ...{ id: ctx.newId(), tenantId: ctx.tenant.id, briefingId: uuidOf(briefing), edition, sectionId, body },
      ...{ author: ctx.actor.id, createdAt: ctx.now },
    })),
  );
}

export async function newestComments(
  ctx: Ctx,
  id: string,
  before: [string, string] | null,
  limit: number,
): Promise<BriefingComment[]> {
  const { tenantId, briefingId, createdAt, id: own } = briefingComments;
  const rows = await ctx.db
    .select()
    .from(briefingComments)
    .where(
      and(
        ...[eq(tenantId, ctx.tenant.id), eq(briefingId, uuidOf(id))],
        before ? sql`(${createdAt}, ${own}) < (${before[0]}::timestamptz, ${before[1]}::uuid)` : undefined,
      ),
    )
    .orderBy(desc(createdAt), desc(own))
    .limit(limit);
  return rows.map(({ id: uuid, edition, sectionId, body, author, createdAt: at }) => ({
    ...{ id: idOf("cmt", uuid), edition, sectionId, body, author },
    createdAt: at.toISOString(),
  }));
}

/** Notes to whom it goes. */
export const address = (ctx: Ctx, briefing: string, personIds: readonly string[]) =>
  ctx.send(
    "insert into briefing_recipients (tenant_id, briefing_id, person_id, added_at) select $1, $2, p, $4 from unnest($3::uuid[]) as p",
    [ctx.tenant.id, uuidOf(briefing), arrayOf(personIds.map(uuidOf)), ctx.now.toISOString()],
  );

/** Up to `limit` recipients in the order of their names, after a position. */
export async function recipientsOf(
  ctx: Ctx,
  { id, read }: { id: string; read?: boolean },
  after: [string, string] | null,
  limit: number,
): Promise<BriefingRecipient[]> {
  const { tenantId, briefingId, personId, addedAt, readAt } = briefingRecipients;
  const rows = await ctx.db
    .select({ personId, addedAt, readAt, en: people.nameEn, ar: people.nameAr })
    .from(briefingRecipients)
    .innerJoin(people, and(eq(people.tenantId, tenantId), eq(people.id, personId)))
    .where(
      and(
        ...[eq(tenantId, ctx.tenant.id), eq(briefingId, uuidOf(id))],
        read === undefined ? undefined : read ? isNotNull(readAt) : isNull(readAt),
        after ? sql`(${people.nameEn}, ${personId}) > (${after[0]}, ${after[1]}::uuid)` : undefined,
      ),
    )
    .orderBy(asc(people.nameEn), asc(personId))
    .limit(limit);
  return rows.map(({ personId: uuid, addedAt: added, readAt: read, en, ar }) => ({
    ...{ personId: idOf("per", uuid), name: { en, ar }, addedAt: added.toISOString() },
    readAt: read?.toISOString() ?? null,
  }));
}
