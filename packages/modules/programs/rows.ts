import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import type { Program } from "@dais/contracts/programs";
import { programs } from "@dais/drizzle/schema/programs";
import type { Ctx } from "@dais/kernel/context";
import { meaning } from "@dais/kernel/faults";
import { Problem } from "@dais/kernel/problem";
import { statement } from "@dais/kernel/statement";
import { and, desc, eq, sql } from "drizzle-orm";

export type Row = typeof programs.$inferSelect;

const mine = and(eq(programs.tenantId, sql.placeholder("tenant")), eq(programs.id, sql.placeholder("id")));
const byId = statement((db) => db.select().from(programs).where(mine).prepare("programs_by_id"));
const locked = statement((db) => db.select().from(programs).where(mine).for("update").prepare("programs_locked"));

export async function find(ctx: Ctx, id: string): Promise<Row | undefined> {
  const [row] = await byId(ctx).execute({ tenant: ctx.tenant.id, id: uuidOf(id) });
  return row;
}

/** Holds the program against others who change it, and reads it. @throws program_not_found */
export async function hold(ctx: Ctx, id: string): Promise<Row> {
  const [row] = await locked(ctx).execute({ tenant: ctx.tenant.id, id: uuidOf(id) });
  if (!row) throw new Problem("program_not_found");
  return row;
}

export function newest(
  ctx: Ctx,
  { agentId }: { agentId?: string },
  before: [string, string] | null,
  limit: number,
): Promise<Row[]> {
  return ctx.db
    .select()
    .from(programs)
    .where(
      and(
        eq(programs.tenantId, ctx.tenant.id),
        agentId ? eq(programs.agentId, uuidOf(agentId)) : undefined,
        before
          ? sql`(${programs.createdAt}, ${programs.id}) < (${before[0]}::timestamptz, ${before[1]}::uuid)`
          : undefined,
      ),
    )
    .orderBy(desc(programs.createdAt), desc(programs.id))
    .limit(limit);
}

/** Whether the organisation takes sign-ins of a directory. */
export async function takes(ctx: Ctx, tid: string): Promise<boolean> {
  const rows = await ctx.send("select 1 from directories where tenant_id = $1 and tid = $2", [ctx.tenant.id, tid]);
  return rows.length > 0;
}

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

type Wanted = Pick<Program, "name" | "directory" | "clientId" | "kind" | "agentId" | "clearance">;

/** @throws program_exists, also where it is another organisation's */
export async function insert(ctx: Ctx, { directory, clientId, agentId, ...wanted }: Wanted): Promise<Row> {
  const made = ctx.db
    .insert(programs)
    .values({
      ...wanted,
      id: ctx.newId(),
      tenantId: ctx.tenant.id,
      tid: directory,
      // Tokens spell these ids in small letters.
      clientId: guid.test(clientId) ? clientId.toLowerCase() : clientId,
      agentId: agentId && uuidOf(agentId),
      createdBy: ctx.actor.id,
      createdAt: ctx.now,
      updatedAt: ctx.now,
    })
    .returning();
  const [row] = await meaning({ programs_client: () => new Problem("program_exists") }, made);
  return row as Row;
}

/** Writes a program that is held, one version on. */
export async function write(
  ctx: Ctx,
  before: Row,
  fields: Partial<Pick<Row, "name" | "clearance" | "disabledAt">>,
): Promise<Row> {
  const [row] = await ctx.db
    .update(programs)
    .set({ ...fields, version: before.version + 1, updatedAt: ctx.now })
    .where(and(eq(programs.tenantId, ctx.tenant.id), eq(programs.id, before.id)))
    .returning();
  return row as Row;
}

/** The row as the contract shows it. */
export const show = (row: Row): Program => ({
  id: idOf("prg", row.id),
  name: row.name,
  directory: row.tid,
  clientId: row.clientId,
  kind: row.kind,
  agentId: row.agentId && idOf("agt", row.agentId),
  clearance: row.clearance,
  disabledAt: row.disabledAt?.toISOString() ?? null,
  lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
  createdBy: row.createdBy,
  version: row.version,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
});
