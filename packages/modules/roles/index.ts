import { idOf } from "@dais/contracts/kit/ids";
import type { roles as contract } from "@dais/contracts/roles";
import { builtInRoles, permissionsOf } from "@dais/contracts/roles/builtIn";
import { record } from "@dais/kernel/audit";
import type { Handlers } from "@dais/kernel/context";
import { emit } from "@dais/kernel/outbox";
import { pageOf, positionOf } from "@dais/kernel/paging";
import { Problem } from "@dais/kernel/problem";
import { add, end, some } from "./rows.ts";

/** One function for each operation of contracts/roles.ts, under the same name. */
export const roles: Handlers<typeof contract> = {
  list: async () => ({
    items: builtInRoles.map(({ key, name, about, inherits }) => ({
      key,
      name,
      about,
      inherits: [...inherits],
      permissions: permissionsOf(key),
    })),
  }),

  mappings: async (ctx, input) => {
    const after = positionOf(ctx, input) as [string, string, string] | null;
    const rows = await some(ctx, input.role, after, input.limit + 1);
    return pageOf(
      ctx,
      input,
      rows,
      (mapping) => mapping,
      ({ kind, value, role }) => [kind, value, role],
    );
  },

  map: async (ctx, mapping) => {
    if (!builtInRoles.some(({ key }) => key === mapping.role)) throw new Problem("role_unknown");
    const changed = await add(ctx, mapping);
    const resource = { type: "organisation", id: ctx.tenant.id };
    record(ctx, { resource, before: { mapping: changed ? null : mapping }, after: { mapping }, changed });
    if (changed) emit(ctx, { name: "role.mapped", resource, payload: { id: idOf("org", ctx.tenant.id), ...mapping } });
    return { changed, mapping };
  },

  unmap: async (ctx, mapping) => {
    const { changed, adminElsewhere } = await end(ctx, mapping);
    if (changed && mapping.role === "admin" && !adminElsewhere) throw new Problem("role_last_admin_mapping");
    const resource = { type: "organisation", id: ctx.tenant.id };
    record(ctx, { resource, before: { mapping: changed ? mapping : null }, after: { mapping: null }, changed });
    if (changed)
      emit(ctx, { name: "role.unmapped", resource, payload: { id: idOf("org", ctx.tenant.id), ...mapping } });
    return { changed, mapping };
  },
};
