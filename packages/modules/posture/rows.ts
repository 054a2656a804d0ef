import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import type { Posture } from "@dais/contracts/posture";
import { posture } from "@dais/drizzle/schema/posture";
import { postureChanges } from "@dais/drizzle/schema/postureChanges";
import type { Ctx } from "@dais/kernel/context";
import { and, desc, eq, isNull, sql } from "drizzle-orm";

/**
 * The changes of an entity's posture, or with none of the organisation's, newest first, before a position. Which level holds, everybody
 * hears; why, who sees the change.
 */
export async function newest(
  ctx: Ctx,
  of: { entityId?: string; before?: [string, string]; limit: number },
): Promise<Posture[]> {
  const rows = await ctx.db
    .select({ posture, classification: postureChanges.classification })
    .from(posture)
    .leftJoin(postureChanges, and(eq(postureChanges.tenantId, posture.tenantId), eq(postureChanges.id, posture.id)))
    .where(
      and(
        eq(posture.tenantId, ctx.tenant.id),
        of.entityId ? eq(posture.entityId, uuidOf(of.entityId)) : isNull(posture.entityId),
        of.before && sql`(${posture.since}, ${posture.id}) < (${of.before[0]}::timestamptz, ${of.before[1]}::uuid)`,
      ),
    )
    .orderBy(desc(posture.since), desc(posture.id))
    .limit(of.limit);
  return rows.map(({ posture: row, classification }) => ({
    id: idOf("pos", row.id),
    entityId: row.entityId && idOf("ent", row.entityId),
    level: row.level,
    rank: row.rank,
    reason: classification === null || ctx.visible.includes(classification) ? row.reason : "",
    since: row.since.toISOString(),
    source: row.source,
  }));
}

type Fields = Pick<Posture, "level" | "rank" | "reason" | "source"> & {
  id: string;
  entity: string | null;
  since: Date;
};

/** Adds to the history what holds from now on. */
export async function insertPosture(ctx: Ctx, { id, entity, since, ...fields }: Fields): Promise<void> {
  const { level, rank, reason, source } = fields;
  await ctx.send(
    `insert into posture (id, tenant_id, entity_id, level, rank, reason, source, since) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [id, ctx.tenant.id, entity, level, rank, reason, source, since.toISOString()],
  );
}
