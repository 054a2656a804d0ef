import { permissions } from "@dais/contracts";
import type { integrations as contract } from "@dais/contracts/integrations";
import { uuidOf } from "@dais/contracts/kit/ids";
import { record } from "@dais/kernel/audit";
import { type Ctx, type Handlers, visibleTo } from "@dais/kernel/context";
import { emit } from "@dais/kernel/outbox";
import { pageOf, positionOf } from "@dais/kernel/paging";
import { Problem } from "@dais/kernel/problem";
import { revoke } from "@dais/kernel/revoke";
import { end, find, hold, insert, keyOf, newest, type Row, show } from "./rows.ts";

/** One function for each operation of contracts/integrations.ts, under the same name. The worker makes and reads the queues. */
export const integrations: Handlers<typeof contract> = {
  list: async (ctx, input) => {
    const rows = await newest(ctx, positionOf(ctx, input) as [string, string] | null, input.limit + 1);
    return pageOf(ctx, input, rows, show, (row) => [row.createdAt.toISOString(), row.id]);
  },

  get: async (ctx, { id }) => {
    const row = await find(ctx, uuidOf(id));
    if (!row) throw new Problem("integration_not_found");
    return show(row);
  },

  open: async (ctx, { name, keyId }) => {
    await withinCaller(ctx, keyId);
    const row = await insert(ctx, { name, keyId });
    const [resource, after] = [resourceOf(row), show(row)];
    record(ctx, { resource, after });
    emit(ctx, { name: "integration.opened", resource, payload: { id: after.id } });
    return after;
  },

  close: async (ctx, { id }) => {
    const before = await hold(ctx, uuidOf(id));
    const changed = before.closedAt === null;
    const row = changed ? await end(ctx, before) : before;
    const [resource, after] = [resourceOf(row), show(row)];
    record(ctx, { resource, before: show(before), after, changed });
    if (changed) {
      revoke(ctx, id);
      emit(ctx, { name: "integration.closed", resource, payload: { id } });
    }
    return { changed, integration: after };
  },
};

/** Who may publish to a queue has what its key has: nobody hands out more than their own. @throws integration_key_unfit, integration_exceeds_caller */
async function withinCaller(ctx: Ctx, keyId: string): Promise<void> {
  const key = await keyOf(ctx, uuidOf(keyId));
  if (!key) throw new Problem("integration_key_unfit");
  const tooMany = key.permissions.filter((one) => one in permissions && !ctx.actor.permissions.has(one));
  if (tooMany.length > 0 || visibleTo(ctx.visible, key.clearance).length === 0)
    throw new Problem("integration_exceeds_caller", { permissions: tooMany });
}

const resourceOf = ({ id, version }: Row) => ({ type: "integration", id, version });
