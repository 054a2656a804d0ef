import type { Agent, agents as contract } from "@dais/contracts/agents";
import { idOf } from "@dais/contracts/kit/ids";
import { record } from "@dais/kernel/audit";
import { canonical } from "@dais/kernel/canonical";
import type { Ctx, Handlers } from "@dais/kernel/context";
import { move } from "@dais/kernel/machine";
import { emit } from "@dais/kernel/outbox";
import { pageOf, positionOf } from "@dais/kernel/paging";
import { Problem } from "@dais/kernel/problem";
import { revoke } from "@dais/kernel/revoke";
import { type Fields, find, hold, insert, newest, write } from "./rows.ts";
import { enabled, known, withinCaller } from "./rules.ts";
import { type Row, show, workflow } from "./workflow.ts";

/** One function for each operation of contracts/agents.ts, under the same name. */
export const agents: Handlers<typeof contract> = {
  list: async (ctx, input) => {
    const rows = await newest(ctx, input, positionOf(ctx, input) as [string, string] | null, input.limit + 1);
    return pageOf(ctx, input, rows, show, (row) => [row.createdAt.toISOString(), row.id]);
  },

  get: async (ctx, { id }) => {
    const row = await find(ctx, id);
    if (!row) throw new Problem("agent_not_found");
    return show(row);
  },

  register: async (ctx, input) => {
    withinCaller(ctx, input);
    await enabled(ctx, input.ownerId);
    await known(ctx, input.actsFor);
    const row = await insert(ctx, input);
    const [resource, after] = [resourceOf(row), show(row)];
    record(ctx, { resource, after, event: "register", from: null, to: after.state });
    emit(ctx, { name: "agent.registered", resource, payload: { id: after.id } });
    return after;
  },

  update: async (ctx, { id, version, ...wanted }) => {
    const row = await hold(ctx, id, version);
    const before = show(row);
    const given = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined));
    const fields = { ...before, ...given } as Agent;
    // Only what is given is measured: another administrator may have given the agent more than this one has.
    if (wanted.permissions || wanted.clearance) withinCaller(ctx, fields);
    await known(ctx, wanted.actsFor ?? []);
    const changed = canonical(fields) !== canonical(before);
    const after = changed ? await changedTo(ctx, row, fields) : before;
    const resource = resourceOf({ ...row, version: after.version });
    record(ctx, { resource, before, after, changed });
    if (changed) emit(ctx, { name: "agent.updated", resource, payload: { id } });
    return after;
  },

  assignOwner: async (ctx, { id, version, ownerId }) => {
    const row = await hold(ctx, id, version);
    const before = show(row);
    await enabled(ctx, ownerId);
    const changed = before.ownerId !== ownerId;
    const after = changed ? await changedTo(ctx, row, { ...before, ownerId }) : before;
    const resource = resourceOf({ ...row, version: after.version });
    record(ctx, { resource, before, after, changed });
    if (changed) emit(ctx, { name: "agent.owner_assigned", resource, payload: { id, ownerId } });
    return after;
  },

  suspend: (ctx, { id, ...said }) => moved(ctx, id, "suspend", said),
  resume: async (ctx, { id, ...said }) => {
    const after = await moved(ctx, id, "resume", said);
    await enabled(ctx, after.ownerId);
    return after;
  },
  retire: (ctx, { id, ...said }) => moved(ctx, id, "retire", said),
};

/** The agent with this id that a credential may be made for: not one that is retired. */
export async function usable(ctx: Ctx, id: string): Promise<Agent | null> {
  const row = await find(ctx, id);
  return row && row.state !== "retired" ? show(row) : null;
}

/** Who answers for an agent, `per_…`, also for one that is retired; null where there is no such agent. */
export async function ownerOf(ctx: Ctx, id: string): Promise<string | null> {
  const row = await find(ctx, id);
  return row ? idOf("per", row.ownerId) : null;
}

async function changedTo(ctx: Ctx, row: Row, fields: Fields): Promise<Agent> {
  const { name, purpose, model, modelVersion, permissions, clearance, actsFor, budget, ownerId } = fields;
  const its = { name, purpose, model, modelVersion, permissions, clearance, actsFor, budget, ownerId };
  const after = show(await write(ctx, row, its));
  revoke(ctx, after.id);
  return after;
}

/** What the agent may do changes with its state: no process goes on with what it remembers. */
async function moved(ctx: Ctx, id: string, event: string, said: Parameters<typeof move>[4]): Promise<Agent> {
  const after = await move(ctx, workflow, id, event, said);
  revoke(ctx, id);
  return after;
}

const resourceOf = ({ id, version, classification }: Pick<Row, "id" | "version" | "classification">) => ({
  type: "agent",
  id,
  version,
  classification,
});
