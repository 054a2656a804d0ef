import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import type { webhooks as contract, Webhook } from "@dais/contracts/webhooks";
import { record } from "@dais/kernel/audit";
import { canonical } from "@dais/kernel/canonical";
import type { Handlers } from "@dais/kernel/context";
import { move } from "@dais/kernel/machine";
import { movesFor } from "@dais/kernel/moves";
import { emit } from "@dais/kernel/outbox";
import { pageOf, positionOf } from "@dais/kernel/paging";
import { begun } from "@dais/kernel/waiting";
import { newSecret, sealedFor } from "@dais/kernel/webhooks/sign";
import { replay, replaying } from "./replay.ts";
import { hold, insert, known, newest, write } from "./rows.ts";
import { fitting, ownedBy } from "./rules.ts";
import { tryOut } from "./test.ts";
import { resourceOf, show, workflow } from "./workflow.ts";

export { giveUp } from "./give-up.ts";

/** What goes on with webhooks in the background, beside the sending. */
export const webhookJobs = { jobs: [replaying], schedules: [] };

/** One function for each operation of contracts/webhooks.ts, under the same name. */
export const webhooks: Handlers<typeof contract> = {
  list: async (ctx, input) => {
    const rows = await newest(ctx, input, positionOf(ctx, input) as [string, string] | null, input.limit + 1);
    return pageOf(ctx, input, rows, show, (row) => [row.createdAt.toISOString(), row.id]);
  },

  get: async (ctx, { id }) => show(await known(ctx, id)),
  moves: async (ctx, { id }) => ({ items: await movesFor(ctx, workflow, await known(ctx, id)) }),

  create: async (ctx, { entityId, ...input }) => {
    await fitting(ctx, input);
    const [id, secret] = [ctx.newId(), newSecret()];
    const row = await insert(ctx, {
      ...{ ...input, id, entityId: entityId && uuidOf(entityId), ...ownedBy(ctx) },
      ...{ secret: ctx.seal(secret, sealedFor(id)), state: "active", createdAt: ctx.now, updatedAt: ctx.now },
    });
    const after = show(row);
    record(ctx, { resource: resourceOf(row), after, event: "create", from: null, to: row.state });
    begun(ctx, workflow, row);
    emit(ctx, { name: "webhook.created", resource: resourceOf(row), payload: { id: after.id } });
    return { ...after, secret };
  },

  update: async (ctx, { id, version, ...wanted }) => {
    await fitting(ctx, wanted);
    const before = await hold(ctx, id, version);
    const { entityId, ...others } = wanted;
    const uuid = entityId === undefined ? {} : { entityId: entityId && uuidOf(entityId) };
    const given = Object.fromEntries(Object.entries(others).filter(([, value]) => value !== undefined));
    const fields = { ...given, ...uuid, ...ownedBy(ctx) };
    const changed = canonical({ ...before, ...fields }) !== canonical(before);
    const row = changed ? await write(ctx, before, fields) : before;
    record(ctx, { resource: resourceOf(row), before: show(before), after: show(row), changed });
    if (changed) emit(ctx, { name: "webhook.updated", resource: resourceOf(row), payload: { id } });
    return show(row);
  },

  rotate: async (ctx, { id, version, graceHours }) => {
    const before = await hold(ctx, id, version);
    const secret = newSecret();
    const row = await write(ctx, before, {
      secret: ctx.seal(secret, sealedFor(before.id)),
      previousSecret: graceHours === 0 ? null : before.secret,
      rotatedAt: ctx.now,
      graceEndsAt: graceHours === 0 ? null : new Date(ctx.now.getTime() + graceHours * 3_600_000),
    });
    record(ctx, { resource: resourceOf(row), before: show(before), after: show(row) });
    emit(ctx, { name: "webhook.rotated", resource: resourceOf(row), payload: { id } });
    return { ...show(row), secret };
  },

  disable: (ctx, { id, ...said }): Promise<Webhook> => move(ctx, workflow, id, "disable", said),
  enable: (ctx, { id, ...said }): Promise<Webhook> => move(ctx, workflow, id, "enable", said),
  delete: (ctx, { id, ...said }): Promise<Webhook> => move(ctx, workflow, id, "delete", said),

  test: tryOut,
  replay: async (ctx, input) => {
    const { jobId, total } = await replay(ctx, input);
    return { jobId: idOf("job", jobId), total };
  },
};
