import { channels } from "@dais/contracts/dispatches/values";
import type { Identity } from "./authenticate.ts";
import type { KernelOptions } from "./call.ts";
import { type Ctx, nothingWritten, visibleTo } from "./context.ts";
import type { Lane } from "./lane.ts";
import { Problem } from "./problem.ts";
import { carrying } from "./proposals/carry-out.ts";
import type { Ending } from "./revoke.ts";
import { type Around, committed, type Doer, type Once, type Outcome } from "./transaction.ts";

const unlinked = (): never => {
  throw new Error("there is nothing to make links with");
};
const unsealed = (): never => {
  throw new Error("there is nothing to seal with");
};

const unprinted = (): never => {
  throw new Error("there is nothing to print with");
};
const staying = (): never => {
  throw new Error("only a read leaves its connection");
};

/** What is being done, by whom, when. */
export type Doing = {
  path: string;
  identity: Pick<Identity, "actor" | "tenant">;
  requestId: string;
  now: Date;
  merges?: boolean;
};

/** How every change is done, whoever asked for it: its context, and what its commit does beside the database. */
export function working(options: KernelOptions, newId: () => string) {
  const { gate, sessions, log } = options;
  const carryOut = carrying(options);

  const contextOf = (
    lane: Lane,
    { path, identity: { actor, tenant }, requestId, now, merges = false }: Doing,
  ): Ctx => ({
    operation: { path },
    merges,
    tenant,
    actor,
    visible: visibleTo(tenant.levels, actor.clearance),
    db: lane.db,
    send: lane.ask,
    now,
    newId,
    cursors: { key: options.cursorKey },
    publicUrl: options.publicUrl ?? "",
    linkOf: (recipientId) => (options.publicUrl ?? "") + (options.links?.make(tenant, recipientId) ?? unlinked()),
    seal: options.sealer?.seal ?? unsealed,
    refusesAddress: options.refusesAddress ?? (async () => false),
    channels: options.channels ?? channels,
    print: options.print ?? unprinted,
    leave: staying,
    carryOut,
    sessions,
    log,
    requestId,
    written: nothingWritten(),
  });

  const around: Around = {
    beforeCommit: shut,
    async afterCommit(ctx: Ctx) {
      if (ctx.written.events.length > 0) options.emitted?.();
      // The effect is committed: a gate that went away just now refuses everybody anyway, and hears of it when it is back.
      const again = (): Promise<void> => shut(ctx).catch(() => void setTimeout(again, 1000).unref());
      await again();
    },
  };

  /** Shuts out whom the change shuts out: no process serves what it remembers of them. */
  async function shut({ tenant, written }: Ctx): Promise<void> {
    if (written.revoked.size === 0 && written.ended.length === 0) return;
    const subjects = [...written.revoked].map((actorId) => ({ tenantId: tenant.id, actorId }));
    await Promise.all([gate.bump(subjects), ...written.ended.map((ending) => end(tenant.id, ending))]).catch(() => {
      throw new Problem("unavailable", { retryAfterSeconds: 2 });
    });
  }

  const end = (tenantId: string, ending: Ending): Promise<unknown> =>
    "id" in ending
      ? sessions.end({ tenantId, personId: ending.personId, id: ending.id })
      : sessions.endAll({
          tenantId,
          personId: ending.personId,
          ...(ending.except === null ? {} : { except: ending.except }),
        });

  return {
    contextOf,
    /** One transaction around `handler`. @see transaction.ts */
    commit: (
      lane: Lane,
      ctx: Ctx,
      of: Doer,
      once: Once | null,
      handler: () => Promise<{ output: unknown; stored: unknown }>,
    ): Promise<Outcome> => committed(lane, ctx, of, once, around, handler),
  };
}
