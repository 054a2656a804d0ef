import { uuidOf } from "@dais/contracts/kit/ids";
import type { Identity } from "./authenticate.ts";
import type { Actor } from "./context.ts";
import type { Pool } from "./pool.ts";
import { Problem } from "./problem.ts";
import { lowest } from "./standing.ts";
import { behind } from "./wall.ts";

/** What an agent says of itself with a call; null where it says nothing. */
export type Saying = { model: string | null; version: string | null };

/**
 * An agent's identity while it acts for a person: what both of them may, and no more. Whoever may not act for the person, or for whom
 * nobody may act, keeps their own identity, with the refusal in it: they are known, and so is what they tried.
 */
export async function actingFor(pool: Pool, identity: Identity, personId: string): Promise<Identity> {
  const { actor, tenant } = identity;
  const refused: Identity = { ...identity, refusal: "on_behalf_of_denied" };
  if (actor.onBehalfOf === personId && actor.agent) return identity;
  if (actor.onBehalfOf !== null || !actor.agent?.actsFor.includes(personId)) return refused;
  const wall = "select set_config('dais.tenant', $1, false)";
  const [row] = await behind(pool, wall, [tenant.id], person, [uuidOf(personId)]);
  if (!row) return refused;
  const { permissions, clearance } = row as { permissions: string[]; clearance: string };
  return {
    ...identity,
    actor: {
      ...actor,
      permissions: new Set(permissions.filter((one) => actor.permissions.has(one))),
      clearance: lowest(tenant.levels, [actor.clearance, clearance]),
      onBehalfOf: personId,
    },
    behind: [...(identity.behind ?? []), personId],
  };
}

const person = `
  select p.clearance, to_json(permissions_of(roles_of(p.id))) as permissions
  from people p where p.id = $1 and p.disabled_at is null`;

/**
 * The actor of a call, with what the call says of the agent's model and version. Without a word of it, what was registered counts.
 * @throws agent_model_mismatch where it says to be another model than the registered one, or says what no name can be
 */
export function speaking(actor: Actor, said: Saying | null | undefined): Actor {
  if (!said || actor.kind !== "agent") return actor;
  const { agent } = actor;
  if (!isName(said.model) || !isName(said.version) || (agent && said.model !== null && said.model !== agent.model))
    throw new Problem("agent_model_mismatch", agent ? { model: agent.model } : {});
  return {
    ...actor,
    said: { model: said.model ?? agent?.model ?? null, version: said.version ?? agent?.version ?? null },
  };
}

const isName = (text: string | null): boolean => text === null || /^\P{Cc}{1,200}$/u.test(text);
