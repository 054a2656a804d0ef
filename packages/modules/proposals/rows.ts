import { uuidOf } from "@dais/contracts/kit/ids";
import { proposals } from "@dais/drizzle/schema/proposals";
import type { Ctx } from "@dais/kernel/context";
import type { ProposalRow } from "@dais/kernel/proposals/show";
import { statement } from "@dais/kernel/statement";
import { and, desc, eq, inArray, sql } from "drizzle-orm";

const byId = statement((db) =>
  db
    .select()
    .from(proposals)
    .where(and(eq(proposals.tenantId, sql.placeholder("tenant")), eq(proposals.id, sql.placeholder("id"))))
    .prepare("proposals_by_id"),
);

/** The proposal with this id, where the caller sees it. */
export async function find(ctx: Ctx, id: string): Promise<ProposalRow | undefined> {
  const [row] = await byId(ctx).execute({ tenant: ctx.tenant.id, id: uuidOf(id) });
  return row && ctx.visible.includes(row.classification) ? row : undefined;
}

type Filters = { state?: ProposalRow["state"]; agentId?: string; operation?: string };

export const newest = (
  ctx: Ctx,
  { state, agentId, operation }: Filters,
  before: [string, string] | null,
  limit: number,
): Promise<ProposalRow[]> =>
  ctx.db
    .select()
    .from(proposals)
    .where(
      and(
        eq(proposals.tenantId, ctx.tenant.id),
        inArray(proposals.classification, [...ctx.visible]),
        state && eq(proposals.state, state),
        agentId ? eq(proposals.agentId, agentId) : undefined,
        operation ? eq(proposals.operation, operation) : undefined,
        before
          ? sql`(${proposals.createdAt}, ${proposals.id}) < (${before[0]}::timestamptz, ${before[1]}::uuid)`
          : undefined,
      ),
    )
    .orderBy(desc(proposals.createdAt), desc(proposals.id))
    .limit(limit);

/** Keeps what the command answered beside the proposal that was approved. */
export const keepOutput = (ctx: Ctx, id: string, output: unknown) =>
  ctx.send("update proposals set output = $3::text::jsonb where tenant_id = $1 and id = $2", [
    ctx.tenant.id,
    uuidOf(id),
    JSON.stringify(output),
  ]);
