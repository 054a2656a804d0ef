import type { programs as contract } from "@dais/contracts/programs";
import { record } from "@dais/kernel/audit";
import { type Ctx, type Handlers, visibleTo } from "@dais/kernel/context";
import { emit } from "@dais/kernel/outbox";
import { pageOf, positionOf } from "@dais/kernel/paging";
import { Problem } from "@dais/kernel/problem";
import { revoke } from "@dais/kernel/revoke";
import { usable } from "@dais/modules/agents";
import { find, hold, insert, newest, type Row, show, takes, write } from "./rows.ts";

/** One function for each operation of contracts/programs.ts, under the same name. */
export const programs: Handlers<typeof contract> = {
  list: async (ctx, input) => {
    const rows = await newest(ctx, input, positionOf(ctx, input) as [string, string] | null, input.limit + 1);
    return pageOf(ctx, input, rows, show, (row) => [row.createdAt.toISOString(), row.id]);
  },

  get: async (ctx, { id }) => {
    const row = await find(ctx, id);
    if (!row) throw new Problem("program_not_found");
    return show(row);
  },

  create: async (ctx, input) => {
    withinCaller(ctx, input.clearance);
    if (!(await takes(ctx, input.directory))) throw new Problem("program_directory_unknown");
    if ((input.kind === "agent") !== (input.agentId !== null)) throw new Problem("program_agent_unfit");
    if (input.agentId && !(await usable(ctx, input.agentId))) throw new Problem("program_agent_unfit");
    const row = await insert(ctx, input);
    const [resource, after] = [resourceOf(row), show(row)];
    record(ctx, { resource, after });
    emit(ctx, { name: "program.created", resource, payload: { id: after.id } });
    return after;
  },

  update: async (ctx, { id, version, name, clearance }) => {
    if (clearance !== undefined) withinCaller(ctx, clearance);
    const row = await hold(ctx, id);
    if (row.version !== version) throw new Problem("program_changed", { version: row.version });
    const fields = { name: name ?? row.name, clearance: clearance ?? row.clearance };
    const changed = fields.name !== row.name || fields.clearance !== row.clearance;
    const after = changed ? await write(ctx, row, fields) : row;
    const { changed: told, resource, program } = kept(ctx, row, after);
    if (told) emit(ctx, { name: "program.updated", resource, payload: { id } });
    return program;
  },

  disable: async (ctx, { id }) => {
    const row = await hold(ctx, id);
    const after = row.disabledAt ? row : await write(ctx, row, { disabledAt: ctx.now });
    const { changed, resource, program } = kept(ctx, row, after);
    if (changed) emit(ctx, { name: "program.disabled", resource, payload: { id } });
    return { changed, program };
  },

  enable: async (ctx, { id }) => {
    const row = await hold(ctx, id);
    const after = row.disabledAt ? await write(ctx, row, { disabledAt: null }) : row;
    const { changed, resource, program } = kept(ctx, row, after);
    if (changed) emit(ctx, { name: "program.enabled", resource, payload: { id } });
    return { changed, program };
  },
};

/** Keeps on record what became of a program. Where something did, no process goes on with what it remembers. */
function kept(ctx: Ctx, before: Row, after: Row) {
  const changed = after !== before;
  const [resource, program] = [resourceOf(after), show(after)];
  record(ctx, { resource, before: show(before), after: program, changed });
  if (changed) revoke(ctx, program.id);
  return { changed, resource, program };
}

/** @throws program_exceeds_caller */
function withinCaller(ctx: Ctx, clearance: string): void {
  if (visibleTo(ctx.visible, clearance).length === 0) throw new Problem("program_exceeds_caller");
}

const resourceOf = ({ id, version }: Row) => ({ type: "program", id, version });
