import { uuidOf } from "@dais/contracts/kit/ids";
import { record } from "@dais/kernel/audit";
import type { Ctx } from "@dais/kernel/context";
import { enqueue, type Job, job } from "@dais/kernel/jobs";
import { emit } from "@dais/kernel/outbox";
import { Problem } from "@dais/kernel/problem";
import { schedule } from "@dais/kernel/schedules";
import { z } from "zod";
import { becomes } from "./fare.ts";
import type { Fetched, FetchFeed } from "./port.ts";
import { holdAsked, known, type Row, resourceOf, show, takeDue, write } from "./rows.ts";
import { takeIn } from "./take.ts";

const schema = z.strictObject({
  feedId: z.string(),
  url: z.string(),
  etag: z.string().nullable(),
  lastModified: z.string().nullable(),
});
type Data = z.infer<typeof schema>;

/** A feed's turn. What a feed says is asked before the step; the step takes it in, and says how the feed fared. */
const polling = {
  name: "signalFeeds.poll",
  action: "signal_feed.poll",
  quiet: true,
  schema,
  retry: { limit: 3, delaySeconds: 10, backoff: true },
  expireSeconds: 180,
  async run(ctx: Ctx, { feedId, ...asked }: Data, _at: unknown, fetched: Fetched): Promise<undefined> {
    const feed = await holdAsked(ctx, feedId);
    // Switched off, deleted, or moved while it was asked: what it said then is nobody's business now.
    if (!feed?.enabled || feed.url !== asked.url) return;
    // Unchanged since what was known of it then. By now something else is, or nothing.
    const isKnown = feed.etag === asked.etag && feed.lastModified === asked.lastModified;
    if (fetched.kind === "unchanged" && !isKnown) return;
    await said(ctx, feed, await takeIn(ctx, feed, fetched));
  },
} satisfies Job<Data, Fetched>;

/** Notes how a feed fared. Told is what changes: the first failure, and that it is over. */
async function said(ctx: Ctx, before: Row, fetched: Fetched): Promise<void> {
  const after = await write(ctx, before, becomes(before, fetched, ctx.now));
  if (after.failures > 0)
    ctx.log.warn({ feed: show(after).id, code: after.lastError, failures: after.failures }, "a feed failed");
  if (after.failures > 0 === before.failures > 0) return;
  const resource = resourceOf(after);
  record(ctx, { resource, before: show(before), after: show(after), reason: after.lastError });
  const payload = { id: show(after).id };
  if (after.failures > 0) emit(ctx, { name: "signal_feed.failed", resource, payload });
  else emit(ctx, { name: "signal_feed.recovered", resource, payload });
}

const mostDue = 100;

/** Gives feeds their turn whose time has come. */
const pollDue = job({
  name: "signalFeeds.pollDue",
  action: "signal_feed.poll",
  quiet: true,
  schema: z.strictObject({}),
  retry: { limit: 3, delaySeconds: 10, backoff: true },
  expireSeconds: 120,
  async run(ctx) {
    const due = await takeDue(ctx, mostDue);
    // One turn at most waits for each feed as it is: a turn of what it was before would be in vain.
    for (const { id: feedId, version, ...asked } of due)
      enqueue(ctx, polling, { feedId, ...asked }, { singletonKey: `${feedId} ${version}` });
    return due.length === mostDue ? { next: null } : undefined;
  },
});

/** What goes on with feeds in the background. */
export const feedJobs = (prepare: FetchFeed) => ({
  jobs: [job<Data, Fetched>({ ...polling, prepare: ({ feedId: _, ...asked }) => prepare(asked) }), pollDue],
  schedules: [schedule({ name: "signalFeeds.pollDue", everySeconds: 60, job: pollDue, data: {} })],
});

/** Has a feed asked now. @throws signal_feed_not_found, signal_feed_disabled */
export async function pollNow(ctx: Ctx, id: string): Promise<string> {
  const feed = await known(ctx, id);
  if (!feed.enabled) throw new Problem("signal_feed_disabled");
  const { url, etag, lastModified } = feed;
  const jobId = enqueue(ctx, polling, { feedId: uuidOf(id), url, etag, lastModified });
  record(ctx, { resource: resourceOf(feed), reason: "asked now" });
  return jobId;
}
