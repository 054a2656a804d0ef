import type { Agent } from "@dais/contracts/agents";
import { uuidOf } from "@dais/contracts/kit/ids";
import { agents } from "@dais/drizzle/schema/agents";
import type { Ctx } from "@dais/kernel/context";
import { meaning } from "@dais/kernel/faults";
import { Problem } from "@dais/kernel/problem";
import { statement } from "@dais/kernel/statement";
import { and, desc, eq, sql } from "drizzle-orm";
import type { Row } from "./workflow.ts";

const mine = and(eq(agents.tenantId, sql.placeholder("tenant")), eq(agents.id, sql.placeholder("id")));
const byId = statement((db) => db.select().from(agents).where(mine).prepare("agents_by_id"));
const locked = statement((db) => db.select().from(agents).where(mine).for("no key update").prepare("agents_locked"));

export async function find(ctx: Ctx, id: string): Promise<Row | undefined> {
  const [row] = await byId(ctx).execute({ tenant: ctx.tenant.id, id: uuidOf(id) });
  return row;
}

/** Holds the agent against others who change it, and reads it. @throws agent_not_found, agent_changed, agent_wrong_state */
export async function hold(ctx: Ctx, id: string, version: number): Promise<Row> {
  const [row] = await locked(ctx).execute({ tenant: ctx.tenant.id, id: uuidOf(id) });
  if (!row) throw new Problem("agent_not_found");
  if (row.version !== version) throw new Problem("agent_changed", { version: row.version, state: row.state });
  if (row.state === "retired") throw new Problem("agent_wrong_state", { state: row.state });
  return row;
}

type Filters = { ownerId?: string; state?: Row["state"] };

export function newest(ctx: Ctx, of: Filters, before: [string, string] | null, limit: number): Promise<Row[]> {
  return ctx.db
    .select()
    .from(agents)
    .where(
      and(
        eq(agents.tenantId, ctx.tenant.id),
        of.ownerId ? eq(agents.ownerId, uuidOf(of.ownerId)) : undefined,
        of.state ? eq(agents.state, of.state) : undefined,
        before ? sql`(${agents.createdAt}, ${agents.id}) < (${before[0]}::timestamptz, ${before[1]}::uuid)` : undefined,
      ),
    )
    .orderBy(desc(agents.createdAt), desc(agents.id))
    .limit(limit);
}

/** The active ones that a person answers for, held. */
export const activeOf = (ctx: Ctx, ownerId: string): Promise<Row[]> =>
  ctx.db
    .select()
    .from(agents)
    .where(and(eq(agents.tenantId, ctx.tenant.id), eq(agents.ownerId, uuidOf(ownerId)), eq(agents.state, "active")))
    .orderBy(agents.id)
    .for("no key update");

export type Fields = Pick<
  Agent,
  "name" | "purpose" | "model" | "modelVersion" | "permissions" | "clearance" | "actsFor" | "budget" | "ownerId"
>;

/** @throws agent_owner_unknown */
export async function insert(ctx: Ctx, fields: Fields): Promise<Row> {
  const made = ctx.db
    .insert(agents)
    .values({
      ...columns(fields),
      id: ctx.newId(),
      tenantId: ctx.tenant.id,
      state: "active",
      classification: ctx.tenant.levels[0] ?? "",
      createdBy: ctx.actor.id,
      createdAt: ctx.now,
      updatedAt: ctx.now,
    })
    .returning();
  const [row] = await meaning({ agents_owned: () => new Problem("agent_owner_unknown") }, made);
  return row as Row;
}

/** Writes an agent that is held, one version on. @throws agent_owner_unknown */
export async function write(ctx: Ctx, before: Row, fields: Fields): Promise<Row> {
  const written = ctx.db
    .update(agents)
    .set({ ...columns(fields), version: before.version + 1, updatedAt: ctx.now })
    .where(and(eq(agents.tenantId, ctx.tenant.id), eq(agents.id, before.id)))
    .returning();
  const [row] = await meaning({ agents_owned: () => new Problem("agent_owner_unknown") }, written);
  return row as Row;
}

const columns = ({ ownerId, actsFor, permissions, budget, ...rest }: Fields) => ({
  ...rest,
  ownerId: uuidOf(ownerId),
  actsFor: [...new Set(actsFor)].map(uuidOf),
  permissions: [...new Set(permissions)].sort(),
  budgetCalls: budget.callsPerDay,
  budgetAmount: budget.costPerMonth?.amount ?? null,
  budgetCurrency: budget.costPerMonth?.currency ?? null,
});
