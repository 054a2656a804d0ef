import type { messageTemplates as contract } from "@dais/contracts/messageTemplates";
import { record } from "@dais/kernel/audit";
import { canonical } from "@dais/kernel/canonical";
import type { Handlers } from "@dais/kernel/context";
import { emit } from "@dais/kernel/outbox";
import { pageOf, positionOf } from "@dais/kernel/paging";
import { find, hold, insert, newest, resourceOf, show, write } from "./rows.ts";
import { fitting } from "./texts.ts";

export { usable } from "./rows.ts";
export { pieces } from "./texts.ts";

/** One function for each operation of contracts/messageTemplates.ts, under the same name. */
export const messageTemplates: Handlers<typeof contract> = {
  list: async (ctx, input) => {
    const rows = await newest(ctx, input, positionOf(ctx, input) as [string, string] | null, input.limit + 1);
    return pageOf(ctx, input, rows, show, (row) => [row.createdAt.toISOString(), row.id]);
  },
  get: async (ctx, { id }) => show(await find(ctx, id)),

  create: async (ctx, input) => {
    fitting(input);
    const row = await insert(ctx, input);
    const after = show(row);
    record(ctx, { resource: resourceOf(row), after });
    emit(ctx, { name: "message_template.created", resource: resourceOf(row), payload: { id: after.id } });
    return after;
  },

  update: async (ctx, { id, version, ...wanted }) => {
    const before = await hold(ctx, id, version);
    const fields = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined));
    const next = { ...before, ...fields };
    fitting(next);
    const changed = canonical(show(next)) !== canonical(show(before));
    const row = changed ? await write(ctx, before, fields) : before;
    record(ctx, { resource: resourceOf(row), before: show(before), after: show(row), changed });
    if (changed) emit(ctx, { name: "message_template.updated", resource: resourceOf(row), payload: { id } });
    return show(row);
  },

  retire: async (ctx, { id, version }) => {
    const before = await hold(ctx, id, version);
    const row = await write(ctx, before, { retiredAt: ctx.now });
    record(ctx, { resource: resourceOf(row), before: show(before), after: show(row) });
    emit(ctx, { name: "message_template.retired", resource: resourceOf(row), payload: { id } });
    return show(row);
  },
};
