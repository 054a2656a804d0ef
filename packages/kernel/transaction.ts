import { doneRow, insertAudit, type Provenance } from "./audit.ts";
import type { Ctx } from "./context.ts";
import type { File } from "./download.ts";
import { codeOf, rootOf } from "./faults.ts";
import { type Claim, claim, claimWaitMs, rowWaitMs, storeAnswer, storedAnswer } from "./idempotency.ts";
import { type Taking, taking } from "./inbox.ts";
import { insertJobs, jobRow } from "./jobs.ts";
import type { Lane } from "./lane.ts";
import { eventRow, insertOutbox } from "./outbox.ts";
import { Problem } from "./problem.ts";
import { writeWaiting } from "./waiting.ts";

/** Claims that this has not been done yet: a call's Idempotency-Key, or an event that a consumer takes in. */
export type Once = Claim | Taking;

/** Thrown through the handler when the key belongs to a call that has answered already. */
class KeyTaken extends Error {}

/** Who does it. `quiet`: it may leave no trace. */
export type Doer = Provenance & { traceparent: string | null; quiet?: boolean };
/** `proposed`: nothing was done yet, and the output is the proposal. */
export type Outcome = { output: unknown; replayed: boolean; file?: File | null; proposed?: boolean };
/** What a command does around its handler that isn't SQL: the epochs of those whose credentials it ends. */
export type Around = { beforeCommit(ctx: Ctx): Promise<void>; afterCommit(ctx: Ctx): Promise<void> };

/** Sets the tenant for the reads of whoever holds the connection now. */
const behindTheWall =
  "select set_config('dais.tenant', $1, false), set_config('default_transaction_read_only', 'on', false)";

/** Runs a read. One exchange with Postgres, or none: the tenant goes out together with the handler's first statement. */
export async function readOnly<T>(lane: Lane, tenantId: string, handler: () => Promise<T>): Promise<T> {
  lane.behind(() => lane.send(behindTheWall, [tenantId]));
  return handler();
}

/**
 * Runs a command as two exchanges with Postgres. First: begin, tenant, the claim of the key, the handler's first statement.
 * Second: audit, events, jobs, what waits, the stored answer, commit. It has happened only if every statement of both succeeded.
 * @throws idempotency_in_progress, idempotency_key_reused
 */
export async function committed(
  lane: Lane,
  ctx: Ctx,
  of: Doer,
  key: Once | null,
  around: Around,
  handler: () => Promise<{ output: unknown; stored: unknown }>,
): Promise<Outcome> {
  const opening = open(lane, ctx.tenant.id, key);
  lane.behind(opening);
  try {
    const { output, stored } = await handler();
    await opening; // a handler that sent nothing has not met it
    if (ctx.written.entries.length === 0 && !of.quiet)
      throw new Error(`${of.operation} recorded nothing: a change that leaves no trace`);
    await around.beforeCommit(ctx);
    await Promise.all([
      ...ctx.written.last.map((send) => send()),
      ...(ctx.written.entries.length > 0
        ? [
            insertAudit(
              lane.send,
              ctx.written.entries.map((entry) => doneRow(of, entry)),
            ),
          ]
        : []),
      ...(ctx.written.events.length > 0
        ? [
            insertOutbox(
              lane.send,
              ctx.written.events.map((event) => eventRow(of, event, of.traceparent)),
            ),
          ]
        : []),
      ...(ctx.written.jobs.length > 0
        ? [
            insertJobs(
              lane.send,
              ctx.written.jobs.map((enqueued) => jobRow(of, enqueued)),
            ),
          ]
        : []),
      ...(ctx.written.waiting.size > 0 ? [writeWaiting(lane.send, ctx.tenant.id, ctx.written.waiting)] : []),
      ...(key && "key" in key ? [storeAnswer(lane.send, key, JSON.stringify(stored))] : []),
      lane.send("commit"),
    ]);
    await around.afterCommit(ctx);
    return { output, replayed: false };
  } catch (thrown) {
    // The key comes first, also where the handler refused without having asked the database anything.
    const error = await opening.then(
      () => thrown,
      (first) => first,
    );
    if (rootOf(error) instanceof KeyTaken && key) return await replay(lane, key);
    await lane.send("rollback").catch(() => {});
    await around.afterCommit(ctx); // where the connection was lost behind the commit, it may have happened
    throw error;
  }
}

function open(lane: Lane, tenantId: string, key: Once | null): Promise<unknown> {
  const begin = lane.send("begin read write");
  const tenant = lane.send("select set_config('dais.tenant', $1, true), set_config('lock_timeout', $2, true)", [
    tenantId,
    String(key ? claimWaitMs : rowWaitMs),
  ]);
  return Promise.all([begin, tenant, key ? claimed(lane, key) : null]);
}

async function claimed(lane: Lane, key: Once): Promise<void> {
  const rows = await ("key" in key ? claim(lane.send, key) : taking(lane.send, key)).catch((error) => {
    throw codeOf(error) === "55P03" ? new Problem("idempotency_in_progress", { retryAfterSeconds: 1 }) : error;
  });
  if (rows.length === 0) throw new KeyTaken();
}

/** The handler's first statement ran along with the claim and may have failed on what is there already: its transaction ends first. */
async function replay(lane: Lane, key: Once): Promise<Outcome> {
  if (!("key" in key)) {
    await lane.send("rollback");
    return { output: null, replayed: true };
  }
  const [, , stored] = await Promise.all([
    lane.send("rollback"),
    lane.send(behindTheWall, [key.tenantId]),
    storedAnswer(lane.send, key),
  ]);
  if (!stored) throw new Problem("idempotency_in_progress", { retryAfterSeconds: 1 });
  if (stored.requestHash !== key.requestHash) throw new Problem("idempotency_key_reused");
  return { output: stored.answer, replayed: true };
}
