import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import { postureChanges } from "@dais/drizzle/schema/postureChanges";
import type { Ctx } from "@dais/kernel/context";
import { meaning } from "@dais/kernel/faults";
import { Problem } from "@dais/kernel/problem";
import { and, desc, eq, inArray, sql } from "drizzle-orm";
import type { Row } from "./workflow.ts";

/** At or below the caller's clearance. */
const seen = (ctx: Ctx) =>
  and(eq(postureChanges.tenantId, ctx.tenant.id), inArray(postureChanges.classification, [...ctx.visible]));

/** The row, unless it is not there for this caller. @throws posture_change_not_found */
export async function find(ctx: Ctx, id: string): Promise<Row> {
  const [row] = await ctx.db
    .select()
    .from(postureChanges)
    .where(and(seen(ctx), eq(postureChanges.id, uuidOf(id))));
  if (!row) throw new Problem("posture_change_not_found");
  return row;
}

/** Those of these changes, by public id, that are there for the caller -> their classification. Who may not read postures has none. */
export async function classificationsOf(ctx: Ctx, ids: readonly string[]): Promise<Map<string, string>> {
  if (!ctx.actor.permissions.has("posture.read") && ctx.actor.kind !== "system") return new Map();
  const rows = await ctx.db
    .select({ id: postureChanges.id, classification: postureChanges.classification })
    .from(postureChanges)
    .where(and(seen(ctx), inArray(postureChanges.id, ids.map(uuidOf))));
  return new Map(rows.map((row) => [idOf("pos", row.id), row.classification]));
}

type Filters = { state?: Row["state"]; entityId?: string };

export function newestChanges(ctx: Ctx, of: Filters, before: [string, string] | null, limit: number): Promise<Row[]> {
  const { createdAt, id, entityId, state } = postureChanges;
  return ctx.db
    .select()
    .from(postureChanges)
    .where(
      and(
        seen(ctx),
        of.state ? eq(state, of.state) : undefined,
        of.entityId ? eq(entityId, uuidOf(of.entityId)) : undefined,
        before ? sql`(${createdAt}, ${id}) < (${before[0]}::timestamptz, ${before[1]}::uuid)` : undefined,
      ),
    )
    .orderBy(desc(createdAt), desc(id))
    .limit(limit);
}

type Fields = Pick<Row, "entityId" | "fromLevel" | "level" | "rank" | "reason" | "signalIds" | "classification">;

/** @throws posture_entity_unknown */
export async function insert(ctx: Ctx, fields: Fields): Promise<Row> {
  const made = ctx.db
    .insert(postureChanges)
    .values({
      ...fields,
      ...{ id: ctx.newId(), tenantId: ctx.tenant.id, state: "proposed", proposedBy: ctx.actor.id },
      ...{ createdAt: ctx.now, updatedAt: ctx.now },
    })
    .returning();
  const [row] = await meaning({ posture_changes_entity: () => new Problem("posture_entity_unknown") }, made);
  return row as Row;
}
