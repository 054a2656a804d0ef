import type { Proposal } from "@dais/contracts/proposals";
import { Consequence } from "@dais/kernel/consequence";
import type { Ctx } from "@dais/kernel/context";
import { move } from "@dais/kernel/machine";
import { Problem } from "@dais/kernel/problem";
import { task } from "@dais/kernel/task";
import { find, keepOutput } from "./rows.ts";
import { workflow } from "./workflow.ts";

type Which = { id: string; version: number };

/**
 * Approves a proposal, which does it: in one transaction, or nothing of it happens. Where it would do something else by now, it is void
 * afterwards.
 * @throws what `move` and `carryOut` do
 */
export async function approve(ctx: Ctx, which: Which) {
  const { id, version } = which;
  const [after, row] = await Promise.all([
    move(ctx, workflow, id, "approve", { version, given: { by: ctx.actor.id } }),
    find(ctx, id),
  ]);
  if (!row) throw new Problem("proposal_not_found");
  const output = await ctx.carryOut(ctx, row).catch((error) => {
    throw error instanceof Problem && error.code === "proposal_stale" ? voiding(error, which) : error;
  });
  await keepOutput(ctx, id, output);
  const proposal: Proposal = { ...after, output };
  return { proposal, output };
}

const voiding = (problem: Problem, { id, version }: Which) =>
  new Consequence(problem, (perform, on) =>
    perform(voided, on, { id, version, reason: String(problem.extensions.because ?? "It would do something else.") }),
  );

const voided = task({
  name: "proposals.void",
  action: "proposal.void",
  run: (ctx, { id, version, reason }: Which & { reason: string }) =>
    move(ctx, workflow, id, "void", { version, reason }),
});
