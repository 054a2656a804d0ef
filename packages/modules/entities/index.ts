import type { entities as contract } from "@dais/contracts/entities";
import { uuidOf } from "@dais/contracts/kit/ids";
import { record } from "@dais/kernel/audit";
import type { Handlers } from "@dais/kernel/context";
import { emit } from "@dais/kernel/outbox";
import { pageOf, positionOf } from "@dais/kernel/paging";
import { Problem } from "@dais/kernel/problem";
import { change, find, insert, some } from "./rows.ts";

/** One function for each operation of contracts/entities.ts, under the same name. */
export const entities: Handlers<typeof contract> = {
  list: async (ctx, input) => {
    const [after] = positionOf(ctx, input) ?? [];
    const rows = await some(ctx, {
      parentId: input.parentId,
      after: after as string | undefined,
      limit: input.limit + 1,
    });
    return pageOf(
      ctx,
      input,
      rows,
      (entity) => entity,
      (entity) => [entity.key],
    );
  },

  get: async (ctx, { id }) => {
    const entity = await find(ctx, id);
    if (!entity) throw new Problem("entity_not_found");
    return entity;
  },

  create: async (ctx, input) => {
    const after = await insert(ctx, input);
    const resource = { type: "entity", id: uuidOf(after.id), version: 1, entityId: uuidOf(after.id) };
    record(ctx, { resource, after });
    emit(ctx, { name: "entity.created", resource, payload: { id: after.id } });
    return after;
  },

  update: async (ctx, { id, version, ...wanted }) => {
    const { before, after } = await change(ctx, id, version, wanted);
    const resource = { type: "entity", id: uuidOf(id), version: after.version, entityId: uuidOf(id) };
    const changed = after.version !== before.version;
    record(ctx, { resource, before, after, changed });
    if (changed) emit(ctx, { name: "entity.updated", resource, payload: { id } });
    return after;
  },
};
