import type { delegations as contract, Delegation } from "@dais/contracts/delegations";
import { uuidOf } from "@dais/contracts/kit/ids";
import { record } from "@dais/kernel/audit";
import type { Ctx, Handlers } from "@dais/kernel/context";
import { emit } from "@dais/kernel/outbox";
import { pageOf, positionOf } from "@dais/kernel/paging";
import { Problem } from "@dais/kernel/problem";
import { revoke } from "@dais/kernel/revoke";
import { ended, payloadOf, resourceOf } from "./ended.ts";
import { end, find, hold, insert, newest } from "./rows.ts";
import { agreed, giverOf, possible } from "./rules.ts";

export { delegationJobs } from "./over.ts";

/** One function for each operation of contracts/delegations.ts, under the same name. */
export const delegations: Handlers<typeof contract> = {
  list: async (ctx, input) => {
    const { whose } = input;
    if (whose === "all" && !ctx.actor.permissions.has("delegation.read"))
      throw new Problem("delegation_others", { permission: "delegation.read" });
    const after = positionOf(ctx, input) as [string, string] | null;
    const rows = await newest(ctx, input, after, input.limit + 1);
    return pageOf(
      ctx,
      input,
      rows,
      (one) => one,
      (one) => [one.createdAt, uuidOf(one.id)],
    );
  },

  get: async (ctx, { id }) => {
    const found = await find(ctx, id);
    if (!found || !maySee(ctx, found)) throw new Problem("delegation_not_found");
    return found;
  },

  create: async (ctx, { fromId, startsAt, ...said }) => {
    const its = { ...said, fromId: giverOf(ctx, fromId, said.toId), startsAt: later(startsAt, ctx.now) };
    possible(ctx, its);
    await agreed(ctx, its);
    const after = await insert(ctx, its);
    const resource = resourceOf(after);
    record(ctx, { resource, after, reason: after.reason });
    emit(ctx, { name: "delegation.created", resource, payload: payloadOf(after) });
    revoke(ctx, after.toId);
    return after;
  },

  end: async (ctx, { id }) => {
    const before = await hold(ctx, id);
    if (!before || !maySee(ctx, before)) throw new Problem("delegation_not_found");
    if (!isOwn(ctx, before) && !ctx.actor.permissions.has("delegation.create_for"))
      throw new Problem("delegation_others", { permission: "delegation.create_for" });
    if (before.endedAt !== null || before.until <= ctx.now.toISOString()) {
      record(ctx, { resource: resourceOf(before), before, after: before, changed: false });
      return { changed: false, delegation: before };
    }
    const after = await end(ctx, before);
    ended(ctx, before, after, null);
    return { changed: true, delegation: after };
  },
};

const isOwn = ({ actor }: Ctx, { fromId, toId }: Delegation) => actor.id === fromId || actor.id === toId;
const maySee = (ctx: Ctx, one: Delegation) =>
  isOwn(ctx, one) || ctx.actor.permissions.has("delegation.read") || ctx.actor.permissions.has("delegation.create_for");

const later = (moment: string | null, now: Date): string =>
  new Date(Math.max(moment === null ? 0 : Date.parse(moment), now.getTime())).toISOString();
