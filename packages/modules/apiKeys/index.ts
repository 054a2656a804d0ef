import { permissions } from "@dais/contracts";
import type { apiKeys as contract } from "@dais/contracts/apiKeys";
import { uuidOf } from "@dais/contracts/kit/ids";
import { record } from "@dais/kernel/audit";
import { type Ctx, type Handlers, visibleTo } from "@dais/kernel/context";
import { emit } from "@dais/kernel/outbox";
import { pageOf, positionOf } from "@dais/kernel/paging";
import { Problem } from "@dais/kernel/problem";
import { revoke } from "@dais/kernel/revoke";
import { usable } from "@dais/modules/agents";
import { end, find, hold, insert, newest, type Row, renew, show, standing } from "./rows.ts";

/** One function for each operation of contracts/apiKeys.ts, under the same name. */
export const apiKeys: Handlers<typeof contract> = {
  list: async (ctx, input) => {
    const rows = await newest(ctx, input, positionOf(ctx, input) as [string, string] | null, input.limit + 1);
    return pageOf(
      ctx,
      input,
      rows,
      (row) => show(ctx, row),
      (row) => [row.createdAt.toISOString(), row.id],
    );
  },

  get: async (ctx, { id }) => {
    const row = await find(ctx, uuidOf(id));
    if (!row) throw new Problem("api_key_not_found");
    return show(ctx, row);
  },

  create: async (ctx, input) => {
    withinCreator(ctx, input);
    const unknown = input.permissions.filter((permission) => !(permission in permissions));
    if (unknown.length > 0) throw new Problem("api_key_permission_unknown", { permissions: unknown });
    if (input.expiresAt && new Date(input.expiresAt) <= ctx.now) throw new Problem("api_key_expiry_past");
    await withinAgent(ctx, input);
    const { row, text } = await insert(ctx, input);
    const resource = resourceOf(row);
    const after = show(ctx, row);
    record(ctx, { resource, after });
    emit(ctx, { name: "api_key.created", resource, payload: { id: after.id } });
    return { ...after, secret: text };
  },

  rotate: async (ctx, { id, version, graceHours }) => {
    const before = await hold(ctx, uuidOf(id));
    // Whoever gets the text gets what the key may do.
    withinCreator(ctx, before);
    if (before.version !== version) throw new Problem("api_key_changed", { version: before.version });
    if (standing(ctx, before).over) throw new Problem("api_key_over");
    const graceEndsAt = graceHours === 0 ? null : new Date(ctx.now.getTime() + graceHours * 3_600_000);
    const { row, text } = await renew(ctx, before, graceEndsAt);
    const resource = resourceOf(row);
    const after = show(ctx, row);
    record(ctx, { resource, before: show(ctx, before), after });
    revoke(ctx, id);
    emit(ctx, { name: "api_key.rotated", resource, payload: { id } });
    return { ...after, secret: text };
  },

  revoke: async (ctx, { id }) => {
    const before = await hold(ctx, uuidOf(id));
    const changed = before.revokedAt === null;
    const row = changed ? await end(ctx, before) : before;
    const resource = resourceOf(row);
    const after = show(ctx, row);
    record(ctx, { resource, before: show(ctx, before), after, changed });
    if (changed) {
      revoke(ctx, id);
      emit(ctx, { name: "api_key.revoked", resource, payload: { id } });
    }
    return { changed, apiKey: after };
  },
};

/** Nobody gives what they don't have, and who can't be measured later gives nothing. @throws api_key_exceeds_creator */
function withinCreator(ctx: Ctx, wanted: { permissions: string[]; clearance: string }): void {
  const tooMany = wanted.permissions.filter(
    (permission) => permission in permissions && !ctx.actor.permissions.has(permission),
  );
  const itself = ctx.actor.id.startsWith("prg_"); // its app roles are in its tokens only
  if (tooMany.length > 0 || itself || visibleTo(ctx.visible, wanted.clearance).length === 0)
    throw new Problem("api_key_exceeds_creator", { permissions: tooMany });
}

type Wanted = { kind: "client" | "agent"; agentId: string | null; permissions: string[]; clearance: string };

/** A key of an agent is the agent's, and no more than the agent. @throws api_key_agent_unfit, api_key_exceeds_creator */
async function withinAgent(ctx: Ctx, { kind, agentId, permissions: wanted, clearance }: Wanted): Promise<void> {
  if ((kind === "agent") !== (agentId !== null)) throw new Problem("api_key_agent_unfit");
  if (agentId === null) return;
  const agent = await usable(ctx, agentId);
  if (!agent) throw new Problem("api_key_agent_unfit");
  const tooMany = wanted.filter((permission) => !agent.permissions.includes(permission));
  if (tooMany.length > 0 || visibleTo(visibleTo(ctx.tenant.levels, agent.clearance), clearance).length === 0)
    throw new Problem("api_key_exceeds_creator", { permissions: tooMany });
}

const resourceOf = ({ id, version }: Row) => ({ type: "api_key", id, version });
