import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import type { signalFeeds as contract, SignalFeed } from "@dais/contracts/signalFeeds";
import { record } from "@dais/kernel/audit";
import type { Ctx, Handlers } from "@dais/kernel/context";
import { pageOf, positionOf } from "@dais/kernel/paging";
import { Problem } from "@dais/kernel/problem";
import { pollNow } from "./poll.ts";
import { hasEntity, hold, insert, known, type Row, resourceOf, show, some, write } from "./rows.ts";

export { feedJobs } from "./poll.ts";
export type { Asked, Fetched, FetchFeed } from "./port.ts";

/** One function for each operation of contracts/signalFeeds.ts, under the same name. */
export const signalFeeds: Handlers<typeof contract> = {
  list: async (ctx, input) => {
    const [after = null] = (positionOf(ctx, input) ?? []) as string[];
    const rows = await some(ctx, after, input.limit + 1);
    return pageOf(ctx, input, rows, show, ({ source }) => [source]);
  },

  get: async (ctx, { id }) => show(await known(ctx, id)),

  create: async (ctx, { entityId, ...input }) => {
    await checkPlace(ctx, { entityId, classification: input.classification });
    const nextAt = input.enabled ? ctx.now : null;
    const uuid = entityId && uuidOf(entityId);
    const row = await insert(ctx, { ...input, entityId: uuid, nextAt, createdAt: ctx.now, updatedAt: ctx.now });
    record(ctx, { resource: resourceOf(row), after: show(row) });
    return show(row);
  },

  update: async (ctx, { id, version, ...wanted }) => {
    const before = await held(ctx, id, version);
    await checkPlace(ctx, wanted);
    const { entityId, ...others } = wanted;
    const uuid = entityId === undefined ? {} : { entityId: entityId && uuidOf(entityId) };
    return kept(ctx, before, { ...defined(others), ...uuid });
  },

  delete: async (ctx, { id, version }) => {
    const before = await held(ctx, id, version);
    const after = await write(ctx, before, {
      ...nextVersion(ctx, before),
      deletedAt: ctx.now,
      enabled: false,
      nextAt: null,
    });
    record(ctx, { resource: resourceOf(after), before: show(before), after: { deleted: true } });
    return { ...show(after), enabled: before.enabled };
  },

  poll: async (ctx, { id }) => ({ jobId: idOf("job", await pollNow(ctx, id)) }),
};

/** @throws signal_feed_classification_unknown, signal_feed_above_clearance, signal_feed_entity_unknown */
async function checkPlace(
  ctx: Ctx,
  { classification, entityId }: { classification?: string | undefined; entityId?: string | null | undefined },
): Promise<void> {
  if (classification !== undefined && !ctx.tenant.levels.includes(classification))
    throw new Problem("signal_feed_classification_unknown");
  if (classification !== undefined && !ctx.visible.includes(classification))
    throw new Problem("signal_feed_above_clearance");
  if (entityId && !(await hasEntity(ctx, entityId))) throw new Problem("signal_feed_entity_unknown");
}

/** @throws signal_feed_not_found, signal_feed_changed */
async function held(ctx: Ctx, id: string, version: number): Promise<Row> {
  const row = await hold(ctx, uuidOf(id));
  if (!row) throw new Problem("signal_feed_not_found");
  if (row.version !== version) throw new Problem("signal_feed_changed", { version: row.version });
  return row;
}

const nextVersion = (ctx: Ctx, { version }: Row) => ({ version: version + 1, updatedAt: ctx.now });
const defined = <T extends object>(fields: T) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<Row>;

/** What is known of a feed's last answer is good for the same address only, and for signals that belong to the same place. */
const decisive = ["url", "source", "classification", "entityId", "leastSeverity"] as const;

async function kept(ctx: Ctx, before: Row, wanted: Partial<Row>): Promise<SignalFeed> {
  const after = { ...before, ...wanted };
  if (Object.entries(wanted).every(([name, value]) => before[name as keyof Row] === value)) {
    record(ctx, { resource: resourceOf(before), changed: false });
    return show(before);
  }
  const anew = decisive.some((name) => after[name] !== before[name]);
  const soon = anew || after.everyMinutes !== before.everyMinutes || after.enabled !== before.enabled;
  const row = await write(ctx, before, {
    ...wanted,
    ...nextVersion(ctx, before),
    ...(anew ? { etag: null, lastModified: null, failures: 0, lastError: null } : {}),
    ...(after.enabled ? (soon ? { nextAt: ctx.now } : {}) : { nextAt: null }),
  });
  record(ctx, { resource: resourceOf(row), before: show(before), after: show(row) });
  return show(row);
}
