import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import type { signalFeeds as contract, SignalFeed } from "@dais/contracts/signalFeeds";
import { record } from "@dais/kernel/audit";
import type { Ctx, Handlers } from "@dais/kernel/context";
import { pageOf, positionOf } from "@dais/kernel/paging";
import { Problem } from "@dais/kernel/problem";
import { pollNow } from "./poll.ts";
import { hold, insert, known, type Row, resourceOf, show, some, write } from "./rows.ts";

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
    checkClearance(ctx, input.classification);
    checkLevel(ctx, input.classification);
    const nextAt = input.enabled ? ctx.now : null;
    const uuid = entityId && uuidOf(entityId);
    const row = await insert(ctx, { ...input, entityId: uuid, nextAt, createdAt: ctx.now, updatedAt: ctx.now });
    record(ctx, { resource: resourceOf(row), after: show(row) });
    return show(row);
  },

  update: async (ctx, { id, version, ...wanted }) => {
    const before = await held(ctx, id);
    checkClearance(ctx, wanted.classification);
    checkVersion(before, version);
    checkLevel(ctx, wanted.classification);
    const { entityId, ...others } = wanted;
    const uuid = entityId === undefined ? {} : { entityId: entityId && uuidOf(entityId) };
    return kept(ctx, before, { ...defined(others), ...uuid });
  },

  delete: async (ctx, { id, version }) => {
    const before = await held(ctx, id);
    checkVersion(before, version);
    const after = await write(ctx, before, { ...nextVersion(ctx, before), deletedAt: ctx.now, nextAt: null });
    record(ctx, { resource: resourceOf(after), before: show(before), after: { deleted: true } });
    return show(after);
  },

  poll: async (ctx, { id }) => ({ jobId: idOf("job", await pollNow(ctx, id)) }),
};

/** @throws signal_feed_above_clearance */
function checkClearance({ tenant, visible }: Ctx, classification: string | undefined): void {
  if (classification === undefined || visible.includes(classification)) return;
  if (tenant.levels.includes(classification)) throw new Problem("signal_feed_above_clearance");
}

/** @throws signal_feed_classification_unknown */
function checkLevel({ tenant }: Ctx, classification: string | undefined): void {
  if (classification !== undefined && !tenant.levels.includes(classification))
    throw new Problem("signal_feed_classification_unknown");
}

/** @throws signal_feed_not_found */
async function held(ctx: Ctx, id: string): Promise<Row> {
  const row = await hold(ctx, uuidOf(id));
  if (!row) throw new Problem("signal_feed_not_found");
  return row;
}

/** @throws signal_feed_changed */
function checkVersion(row: Row, version: number): void {
  if (row.version !== version) throw new Problem("signal_feed_changed", { version: row.version });
}

const nextVersion = (ctx: Ctx, { version }: Row) => ({ version: version + 1, updatedAt: ctx.now });
const defined = <T extends object>(fields: T) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<Row>;

/** What its last answer called itself is good for the same address only, and for signals that belong to the same place. */
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
    ...(anew ? { etag: null, lastModified: null } : {}),
    ...(after.enabled ? (soon ? { nextAt: ctx.now } : {}) : { nextAt: null }),
  });
  record(ctx, { resource: resourceOf(row), before: show(before), after: show(row) });
  return show(row);
}
