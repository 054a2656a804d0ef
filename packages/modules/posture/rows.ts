import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import type { Posture } from "@dais/contracts/posture";
import { posture } from "@dais/drizzle/schema/posture";
import type { Ctx } from "@dais/kernel/context";
import { and, desc, eq, isNull, sql } from "drizzle-orm";

/** The changes of an entity's posture, or with none of the organisation's, newest first, before a position. */
export async function newest(
  ctx: Ctx,
  of: { entityId?: string; before?: [string, string]; limit: number },
): Promise<Posture[]> {
  const rows = await ctx.db
    .select()
    .from(posture)
    .where(
      and(
        eq(posture.tenantId, ctx.tenant.id),
        of.entityId ? eq(posture.entityId, uuidOf(of.entityId)) : isNull(posture.entityId),
        of.before && sql`(${posture.since}, ${posture.id}) < (${of.before[0]}::timestamptz, ${of.before[1]}::uuid)`,
      ),
    )
    .orderBy(desc(posture.since), desc(posture.id))
    .limit(of.limit);
  return rows.map((row) => ({
    id: idOf("pos", row.id),
    entityId: row.entityId && idOf("ent", row.entityId),
    level: row.level,
    rank: row.rank,
    reason: row.reason,
    since: row.since.toISOString(),
    source: row.source,
  }));
}
