import { idOf } from "@dais/contracts/kit/ids";
import { apiKeys } from "@dais/drizzle/schema/apiKeys";
import { entities } from "@dais/drizzle/schema/entities";
import { organisations } from "@dais/drizzle/schema/organisations";
import { posture } from "@dais/drizzle/schema/posture";
import { programs } from "@dais/drizzle/schema/programs";
import { sha256 } from "@dais/kernel/canonical";
import { sql } from "drizzle-orm";
import type { PostgresJsDatabase } from "drizzle-orm/postgres-js";
import { agentId, registerAgent } from "./agents.ts";
import { demoUuid, founded } from "./fixed.ts";
import { levels, type Organisation, rimal, settings } from "./organisations.ts";
import { peopleRows } from "./people.ts";
import { keyOf } from "./personas.ts";
import { programRows } from "./programs.ts";

/**
 * Inserts an organisation, its entities, keys, posture, people and groups, in one transaction. What is there already stays as it is, but for
 * what the keys may do.
 *
 * Straight into the tables, because no operation makes an organisation or its first key.
 * @param db Connected as a member of dais_app: the wall between tenants holds here, too
 * @throws Error when the organisation's slug belongs to somebody else
 */
export async function seed(db: PostgresJsDatabase, of: Organisation): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.execute(sql`select set_config('dais.tenant', ${of.id}, true)`);
    const times = { createdAt: founded, updatedAt: founded };
    const { id, slug, timeZone, name } = of;
    const organisation = {
      id,
      slug,
      nameEn: name.en,
      nameAr: name.ar,
      timeZone,
      settings: { ...settings, ...starting(of) },
      ...times,
    };
    await tx.insert(organisations).values(organisation).onConflictDoNothing();
    const [owner] = await tx.execute<{ id: string }>(sql`select tenant_of(${of.slug}) as id`);
    if (owner?.id !== of.id) throw new Error(`The demo needs the name "${of.slug}", which another organisation has.`);
    await tx
      .insert(entities)
      .values(of.entities.map((row) => entityRow(of, row)))
      .onConflictDoNothing();
    for (const [table, rows] of peopleRows(of))
      if (rows.length > 0) await tx.insert(table).values(rows).onConflictDoNothing();
    const by = publicId(of, of.administrator);
    await registerAgent(tx, of, by);
    if (of === rimal) await tx.insert(programs).values(programRows(of.id, by)).onConflictDoNothing();
    await tx
      .insert(apiKeys)
      .values(of.keys.map((key) => keyRow(of, key)))
      .onConflictDoUpdate({ target: apiKeys.id, ...anew });
    await tx
      .insert(posture)
      .values(of.posture.map((row) => postureRow(of, row)))
      .onConflictDoNothing();
  });
}

/** Where there is an agent to draft its briefing, the day starts by itself. */
const starting = (of: Organisation) =>
  of.keys.some(({ agentOf }) => agentOf) ? { briefing: { hour: "06:30", draftingAgentId: idOf("agt", agentId) } } : {};

const anew = {
  set: {
    permissions: sql`excluded.permissions`,
    clearance: sql`excluded.clearance`,
    agentId: sql`excluded.agent_id`,
    version: sql`${apiKeys.version} + 1`,
  },
  setWhere: sql`(${apiKeys.permissions}, ${apiKeys.clearance}, ${apiKeys.agentId})
    is distinct from (excluded.permissions, excluded.clearance, excluded.agent_id)`,
};

const entityRow = (of: Organisation, { id, key, kind, parent, name }: Organisation["entities"][number]) => ({
  ...{ id, key, kind, tenantId: of.id, parentId: parent, nameEn: name.en, nameAr: name.ar },
  ...{ createdAt: founded, updatedAt: founded },
});

const keyRow = (of: Organisation, key: Organisation["keys"][number]) => ({
  id: demoUuid("key", key.id),
  tenantId: of.id,
  hash: sha256(keyOf(key.key)),
  name: key.name,
  kind: key.agentOf ? ("agent" as const) : ("client" as const),
  permissions: [...key.permissions].sort(),
  clearance: key.clearance,
  createdBy: publicId(of, of.administrator),
  agentId: key.agentOf ? agentId : null,
  createdAt: founded,
});

const postureRow = (of: Organisation, { id, entity, level, ...said }: Organisation["posture"][number]) => ({
  ...said,
  id: demoUuid("pos", id),
  tenantId: of.id,
  entityId: entity,
  level,
  rank: levels.indexOf(level),
});

function publicId(of: Organisation, holder: string): string {
  const key = of.keys.find(({ key }) => key === holder);
  if (!key) throw new Error(`${of.slug} has no key of ${holder}`);
  return idOf("key", demoUuid("key", key.id));
}
