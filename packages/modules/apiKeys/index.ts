import { permissions } from "@dais/contracts";
import type { apiKeys as contract } from "@dais/contracts/apiKeys";
import { uuidOf } from "@dais/contracts/kit/ids";
import { record } from "@dais/kernel/audit";
import { type Ctx, type Handlers, visibleTo } from "@dais/kernel/context";
import { emit } from "@dais/kernel/outbox";
import { pageOf, positionOf } from "@dais/kernel/paging";
import { Problem } from "@dais/kernel/problem";
import { revoke } from "@dais/kernel/revoke";
import { end, find, insert, newest, show } from "./rows.ts";

/** One function for each operation of contracts/apiKeys.ts, under the same name. */
export const apiKeys: Handlers<typeof contract> = {
  list: async (ctx, input) => {
    const rows = await newest(ctx, positionOf(ctx, input) as [string, string] | null, input.limit + 1);
    return pageOf(ctx, input, rows, show, (row) => [row.createdAt.toISOString(), row.id]);
  },

  get: async (ctx, { id }) => {
    const row = await find(ctx, uuidOf(id));
    if (!row) throw new Problem("api_key_not_found");
    return show(row);
  },

  create: async (ctx, input) => {
    withinCreator(ctx, input);
    const unknown = input.permissions.filter((permission) => !(permission in permissions));
    if (unknown.length > 0) throw new Problem("api_key_permission_unknown", { permissions: unknown });
    if (input.expiresAt && new Date(input.expiresAt) <= ctx.now) throw new Problem("api_key_expiry_past");
    const { row, text } = await insert(ctx, input);
    const resource = { type: "api_key", id: row.id, version: 1 };
    record(ctx, { resource, after: show(row) });
    emit(ctx, { name: "api_key.created", resource, payload: { id: show(row).id } });
    return { ...show(row), secret: text };
  },

  revoke: async (ctx, { id }) => {
    const { before, after } = await end(ctx, uuidOf(id));
    const resource = { type: "api_key", id: after.id, version: after.version };
    const changed = before.revokedAt === null;
    record(ctx, { resource, before: show(before), after: show(after), changed });
    if (changed) {
      revoke(ctx, id);
      emit(ctx, { name: "api_key.revoked", resource, payload: { id } });
    }
    return { changed, apiKey: show(after) };
  },
};

/** @throws api_key_exceeds_creator */
function withinCreator(ctx: Ctx, wanted: { permissions: string[]; clearance: string }): void {
  const tooMany = wanted.permissions.filter(
    (permission) => permission in permissions && !ctx.actor.permissions.has(permission),
  );
  if (tooMany.length > 0 || visibleTo(ctx.visible, wanted.clearance).length === 0)
    throw new Problem("api_key_exceeds_creator", { permissions: tooMany });
}
