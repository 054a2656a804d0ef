import { idOf } from "@dais/contracts/kit/ids";
import type postgres from "postgres";

export type AgentOptions = {
  ownerId: string;
  permissions?: readonly string[];
  clearance?: string;
  model?: string;
  version?: string;
  actsFor?: readonly string[];
  uuid?: string;
};

/** Puts an agent into an organisation as its registration would, with the entry that the database asks for; ids are uuids. */
export async function makeAgent(
  sql: postgres.Sql,
  tenantId: string,
  now: Date,
  {
    ownerId,
    permissions = ["signal.read"],
    clearance = "secret",
    model = "test-model",
    version = "1",
    actsFor = [],
    uuid: id = crypto.randomUUID(),
  }: AgentOptions,
): Promise<string> {
  await sql.begin(async (tx) => {
    await tx`insert into agents (id, tenant_id, name, purpose, owner_id, model, model_version, permissions, clearance, acts_for, state,
        classification, created_by, created_at, updated_at)
      values (${id}, ${tenantId}, 'Test agent', 'A test.', ${ownerId}, ${model}, ${version}, ${permissions as string[]}, ${clearance},
        ${actsFor as string[]}, 'active', 'public', 'test', ${now}, ${now})`;
    await tx`insert into audit (id, tenant_id, at, outcome, actor_kind, actor_id, operation, action, resource_type, resource_id,
        resource_version, event, to_state, changed, request_id, salt)
      values (${crypto.randomUUID()}, ${tenantId}, ${now}, 'done', 'system', 'system', 'agents.register', 'agent.register', 'agent', ${id},
        1, 'register', 'active', true, 'request-of-the-test', 'salt')`;
  });
  return idOf("agt", id);
}
