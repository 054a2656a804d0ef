import { idOf } from "@dais/contracts/kit/ids";
import { agents } from "@dais/drizzle/schema/agents";
import { sha256 } from "@dais/kernel/canonical";
import { sql } from "drizzle-orm";
import type { PgTransaction } from "drizzle-orm/pg-core";
import { demoUuid, founded } from "./fixed.ts";
import { type Organisation, settings } from "./organisations.ts";

/** The agent behind an organisation's agent key; each has one at most. */
export const agentId = demoUuid("agt", "9a");

/** Registers the agent of an organisation that has one, with the audit entry without which the database takes none. */
export async function registerAgent(
  // biome-ignore lint/suspicious/noExplicitAny: whatever driver and schema the transaction is of.
  tx: PgTransaction<any, any, any>,
  of: Organisation,
  registeredBy: string,
): Promise<void> {
  const key = of.keys.find(({ agentOf }) => agentOf);
  const owner = of.people.find((person) => person.key === key?.agentOf);
  if (!key || !owner) return;
  const row: typeof agents.$inferInsert = {
    id: agentId,
    tenantId: of.id,
    name: key.name,
    purpose: "Watches the feeds at night, and says what somebody should look at.",
    ownerId: demoUuid("per", owner.person),
    model: "rimal-duty",
    modelVersion: "2026-01",
    permissions: [...key.permissions].sort(),
    clearance: key.clearance,
    actsFor: [],
    budgetCalls: 5000,
    budgetAmount: "400.00",
    budgetCurrency: "AED",
    state: "active",
    classification: settings.classifications[0]?.key ?? "",
    createdBy: registeredBy,
    createdAt: founded,
    updatedAt: founded,
  };
  // What it may do grows with what there is, as with keys.
  const { permissions } = row;
  const anew = { permissions, version: sql`${agents.version} + 1` };
  const grown = sql`${agents.permissions} is distinct from excluded.permissions`;
  const [made] = await tx
    .insert(agents)
    .values(row)
    .onConflictDoUpdate({ target: agents.id, set: anew, setWhere: grown })
    .returning({ version: agents.version });
  if (made?.version !== 1) return;
  await tx.execute(sql`
    insert into audit (id, tenant_id, at, outcome, actor_kind, actor_id, operation, action, resource_type, resource_id, resource_version,
      event, to_state, changed, request_id, salt)
    values (${crypto.randomUUID()}, ${of.id}, ${founded.toISOString()}, 'done', 'client', ${registeredBy}, 'agents.register',
      'agent.register', 'agent', ${agentId}, 1, 'register', 'active', true, 'demo', ${sha256(idOf("agt", agentId))})`);
}
