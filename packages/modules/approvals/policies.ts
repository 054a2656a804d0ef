import { type ApprovalRow, votersOf } from "@dais/kernel/approvals/steps";
import type { Ctx } from "@dais/kernel/context";
import { Problem } from "@dais/kernel/problem";
import { stepFor } from "./turn.ts";

type Policy = (ctx: Ctx, row: ApprovalRow) => Problem | null | Promise<Problem | null>;

/** What `approval`'s table of moves asks for by name. */
export const policies = {
  /** Also while nothing has swept it up yet. */
  in_time: ({ now }, { expiresAt }) => (expiresAt === null || expiresAt > now ? null : new Problem("approval_expired")),

  /** Not a key, a program or the server itself. */
  person: ({ actor }) => (actor.kind === "user" ? null : new Problem("person_required")),

  /** Each person once, and only where it waits for them. */
  turn: async (ctx, row) => {
    const voters = votersOf(row);
    if (ctx.actor.persons.some((one) => voters.includes(one))) return new Problem("approval_voted");
    return (await stepFor(ctx, row)) === null ? new Problem("approval_not_yours") : null;
  },

  /** Who requested it, and the people behind that. */
  own: ({ actor }, { requestedBy, persons }) =>
    actor.id === requestedBy || (actor.kind === "user" && persons.includes(actor.id))
      ? null
      : new Problem("approval_foreign"),
} satisfies Record<string, Policy>;
