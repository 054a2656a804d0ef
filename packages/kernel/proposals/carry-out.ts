import { idOf } from "@dais/contracts/kit/ids";
import type { ProposalEffect } from "@dais/contracts/proposals/shape";
import type { KernelOptions } from "../call.ts";
import { type Ctx, type Modules, nothingWritten, visibleTo, type Written } from "../context.ts";
import { refusalOf } from "../permit.ts";
import { Problem } from "../problem.ts";
import { withoutSecrets } from "../secrets.ts";
import { lowest } from "../standing.ts";
import { effectOf } from "./effect.ts";
import { inputHash } from "./propose.ts";
import { sameEffect } from "./same.ts";
import type { ProposalRow } from "./show.ts";

/**
 * Does what was proposed, once, for the caller and within the caller's own change, and answers as the command does, without its secrets.
 * It is done as the command: its entries say so, whose proposal it was, and that the people behind the agent had a hand in it.
 * @throws proposal_stale where it would do something else than what was shown; proposal_refused and what `refusalOf` says where the
 * caller may not do it. Whatever is thrown, the change must be rolled back.
 */
export type CarryOut = (ctx: Ctx, proposal: ProposalRow) => Promise<Record<string, unknown>>;

export const carrying =
  ({ operations, modules }: Pick<KernelOptions, "operations" | "modules">): CarryOut =>
  async (ctx, row) => {
    const operation = operations.get(row.operation);
    const { data: input, success } = operation?.input.safeParse(row.input) ?? { success: false };
    if (!operation || !success || inputHash(row.operation, row.input) !== row.inputHash) throw stale(null);
    const refusal = refusalOf(operation, ctx.actor, ctx.now);
    if (refusal) throw refusal;

    const effect = row.effect as ProposalEffect;
    const inner = standingIn(ctx, row, effect.clearance, operation.meta.onStale === "merge");
    const [capability, name] = operation.path.split(".") as [keyof Modules, never];
    const handler = modules[capability][name] as (ctx: Ctx, input: unknown) => Promise<unknown>;
    const output = operation.output.parse(await met(() => handler(inner, input)));
    const [shownAt, doneAt] = [row.createdAt.getTime(), ctx.now.getTime()];
    const since = { shownAt, doneAt, agentId: row.agentId, actorId: ctx.actor.id };
    if (!sameEffect(effect, row.effectHash, effectOf(inner.written, row.input, effect.clearance), since))
      throw stale(null);
    const action = operation.meta.permission ?? operation.path;
    takeOver(ctx, inner, { operation: operation.path, action, persons: inner.actor.persons }, row);
    return withoutSecrets(operation.output, output) as Record<string, unknown>;
  };

/**
 * The caller, who sees no more than what the agent saw, gives out the ids that were shown, and counts as everybody behind the agent: what
 * they had a hand in, nobody approves through a proposal of theirs.
 */
function standingIn(ctx: Ctx, { operation, ids, persons }: ProposalRow, seen: string, merges: boolean): Ctx {
  const clearance = lowest(ctx.tenant.levels, [ctx.actor.clearance, seen]);
  let given = 0;
  return {
    ...ctx,
    operation: { path: operation },
    // What was shown is done, or nothing: upon which version it was made, its effect says.
    merges,
    actor: { ...ctx.actor, clearance, persons: [...new Set([...ctx.actor.persons, ...persons])] },
    visible: visibleTo(ctx.tenant.levels, clearance),
    newId: () => ids[given++] ?? ctx.newId(),
    written: nothingWritten(),
  };
}

/** What the command did becomes part of the caller's change. */
function takeOver(
  { written }: Ctx,
  { written: its }: { written: Written },
  as: { operation: string; action: string; persons: readonly string[] },
  row: ProposalRow,
): void {
  const decision = { proposal: idOf("prp", row.id), agent: row.agentId };
  written.entries.push(...its.entries.map((entry) => ({ ...entry, as, decision: { ...entry.decision, ...decision } })));
  written.events.push(...its.events);
  written.jobs.push(...its.jobs);
  written.last.push(...its.last);
  written.ended.push(...its.ended);
  for (const id of its.revoked) written.revoked.add(id);
  for (const [thing, waiting] of its.waiting) written.waiting.set(thing, waiting);
}

/** Runs a command. What keeps it from happening is no problem of the approval's own, which the contract would name. */
async function met<T>(command: () => Promise<T>): Promise<T> {
  try {
    return await command();
  } catch (error) {
    throw error instanceof Problem ? ofApproval(error) : error;
  }
}

function ofApproval(error: Problem): Problem {
  if ([400, 404, 409, 412, 422].includes(error.status)) return stale(error.code);
  if (error.status === 403 && error.code !== "four_eyes")
    return new Problem("proposal_refused", { because: error.code });
  return error;
}

const stale = (because: string | null) => new Problem("proposal_stale", { because });
