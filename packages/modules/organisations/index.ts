import type { organisations as contract } from "@dais/contracts/organisations";
import { record } from "@dais/kernel/audit";
import type { Handlers } from "@dais/kernel/context";
import { emit } from "@dais/kernel/outbox";
import { Problem } from "@dais/kernel/problem";
import { change, own } from "./rows.ts";

export { settingsOf } from "./rows.ts";

/** One function for each operation of contracts/organisations.ts, under the same name. */
export const organisations: Handlers<typeof contract> = {
  current: async (ctx) => {
    const mine = await own(ctx);
    if (!mine) throw new Error("a credential of an organisation that is gone");
    return mine;
  },

  get: async (ctx, { id }) => {
    const mine = await own(ctx);
    if (mine?.id !== id) throw new Problem("organisation_not_found");
    return mine;
  },

  update: async (ctx, { id, version, ...wanted }) => {
    const { before, after, uuid } = await change(ctx, id, version, wanted);
    const resource = { type: "organisation", id: uuid, version: after.version };
    record(ctx, { resource, before, after, changed: after.version !== before.version });
    if (after.version !== before.version) emit(ctx, { name: "organisation.updated", resource, payload: { id } });
    return after;
  },
};
