import { operations } from "@dais/contracts";
import type { Operation } from "@dais/contracts/kit/derive";
import type { Ctx } from "./context.ts";
import { refusedBy, type StateTable, target, type Workflow } from "./machine.ts";
import { refusalOf } from "./permit.ts";

export type ShownMove<State = string> = { event: string; to: State | null; allowed: boolean; why: string | null };

type StateOf<T extends StateTable> = T["$inferSelect"] extends { state: infer S } ? S : string;

/**
 * Every event that callers send to a thing, whether this caller may send it now, and if not the code of the problem that it would get: the
 * same judgements that `move` makes, in the same order. One exchange with Postgres where the workflow knows four eyes, else none.
 */
export async function movesFor<T extends StateTable, Shown extends object>(
  ctx: Ctx,
  workflow: Workflow<T, Shown>,
  row: T["$inferSelect"],
): Promise<ShownMove<StateOf<T>>[]> {
  const { spec, machine, problems } = workflow;
  const { id, state } = row as { id: string; state: string };
  const own = Object.entries(spec.moves).filter(([, { by, from }]) => by !== "system" && from.length > 0);
  const hand = own.some(([, { fourEyes }]) => fourEyes) ? await handIn(ctx, spec.name, id) : null;
  return Promise.all(
    own.map(async ([event, rule]) => {
      const operation = operations.get(`${spec.capability}.${event}`) as Operation;
      const to = target(machine, state, event) as StateOf<T> | null;
      const refusal = refusalOf(operation, ctx.actor, ctx.now);
      const why =
        refusal?.code ??
        (to === null ? problems.wrongState : ((await refusedBy(ctx, workflow, rule, row, hand))?.code ?? null));
      return { event, to, allowed: why === null, why };
    }),
  );
}

async function handIn(ctx: Ctx, machine: string, id: string): Promise<string | null> {
  const params = [ctx.tenant.id, machine, id, `{${ctx.actor.persons.join(",")}}`];
  const [row] = await ctx.send("select had_a_hand($1, $2, $3, $4::text[]) as hand", params);
  return (row?.hand as string | null | undefined) ?? null;
}
