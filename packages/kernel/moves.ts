import { operations } from "@dais/contracts";
import type { Operation } from "@dais/contracts/kit/derive";
import type { MoveSpec } from "@dais/contracts/kit/workflow";
import { arrayOf } from "@dais/drizzle/schema/texts";
import { type Ctx, visibleTo } from "./context.ts";
import { actingBy, isOthers, type Lent, lentBeside, lentFor } from "./lent.ts";
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
  const hands = new Map<string, Promise<string | null>>();
  const handOf = (as: Ctx): Promise<string | null> => {
    const key = as.actor.persons.join();
    const asked = hands.get(key) ?? handIn(as, spec.name, id);
    hands.set(key, asked);
    return asked;
  };
  const judged = async (as: Ctx, operation: Operation, rule: MoveSpec<string>, stuck: boolean) => {
    const hand = rule.fourEyes ? await handOf(as) : null;
    const refusal = refusalOf(operation, as.actor, ctx.now);
    if (refusal) return refusal.code;
    if (!as.visible.includes((row as { classification: string }).classification)) return problems.notFound;
    if (stuck) return problems.wrongState;
    return (await refusedBy(as, workflow, rule, row, hand))?.code ?? null;
  };
  return Promise.all(
    own.map(async ([event, rule]) => {
      const operation = operations.get(`${spec.capability}.${event}`) as Operation;
      const to = target(machine, state, event) as StateOf<T> | null;
      const asked = (some: readonly Ctx[]) => Promise.all(some.map((as) => judged(as, operation, rule, to === null)));
      const all = await asked(ways(ctx, operation));
      const own = all.includes(null) ? null : (all.at(-1) ?? null);
      const others = isOthers(own) ? await asked(lentBeside(operation, ctx.actor, ctx.now).map(by(ctx))) : [];
      const why = others.includes(null) ? null : own;
      return { event, to, allowed: why === null, why };
    }),
  );
}

/** As whom a caller may call: as themselves, or for each of those who let them by delegation. */
function ways(ctx: Ctx, operation: Operation): Ctx[] {
  const lent = lentFor(operation, ctx.actor, ctx.now);
  if (lent.length === 0) return [ctx];
  return lent.map(by(ctx));
}

const by =
  (ctx: Ctx) =>
  (lent: Lent): Ctx => {
    const actor = actingBy(ctx.actor, lent, ctx.tenant);
    return { ...ctx, actor, visible: visibleTo(ctx.tenant.levels, actor.clearance) };
  };

async function handIn(ctx: Ctx, machine: string, id: string): Promise<string | null> {
  const params = [ctx.tenant.id, machine, id, arrayOf(ctx.actor.persons)];
  const [row] = await ctx.send("select had_a_hand($1, $2, $3, $4::text[]) as hand", params);
  return (row?.hand as string | null | undefined) ?? null;
}
