import { operations } from "@dais/contracts";
import { uuidOf } from "@dais/contracts/kit/ids";
import { arrayOf } from "@dais/drizzle/schema/texts";
import type { Ctx } from "@dais/kernel/context";
import { refusalOf } from "@dais/kernel/permit";
import { Problem } from "@dais/kernel/problem";
import type { ProposalRow } from "@dais/kernel/proposals/show";

type Policy = (ctx: Ctx, row: ProposalRow) => Problem | null | Promise<Problem | null>;

/** What `proposal`'s table of moves asks for by name. */
export const policies = {
  /** Also while nothing has swept it up yet. */
  in_time: ({ now }, { expiresAt }) => (expiresAt > now ? null : new Problem("proposal_expired")),

  /** Not a key or program, whoever made it. */
  person: ({ actor }) => (actor.kind === "user" ? null : new Problem("person_required")),

  /** Who answers for the agent by now is behind it, too. */
  behind: async (ctx, { agentId }) => {
    const text = "select 1 from agents where tenant_id = $1 and id = $2 and owner_id = any ($3::uuid[])";
    const persons = arrayOf(ctx.actor.persons.map(uuidOf));
    const [own] = await ctx.send(text, [ctx.tenant.id, uuidOf(agentId), persons]);
    return own ? new Problem("four_eyes") : null;
  },

  /** Who approves a command may do it: its permission and its second factor are asked for now. */
  permitted: ({ actor, now }, { operation }) => {
    const its = operations.get(operation);
    return its ? refusalOf(its, actor, now) : null;
  },

  /** The agent's own, and that of the people behind it. */
  own: ({ actor }, { agentId, persons }) =>
    actor.id === agentId || (actor.kind === "user" && persons.includes(actor.id))
      ? null
      : new Problem("proposal_foreign"),
} satisfies Record<string, Policy>;
