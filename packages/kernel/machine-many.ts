import { uuidOf } from "@dais/contracts/kit/ids";
import { arrayOf } from "@dais/drizzle/schema/texts";
import type { Ctx } from "./context.ts";
import { judged, noted, reasoned, ruleOf, type StateTable, type Workflow } from "./machine.ts";
import { holdThese, moveOwn, moveThese, sideOf } from "./machine-statements.ts";
import { Problem } from "./problem.ts";

/** Which things, by their public ids, each once; `version` where the caller saw one. */
export type Each = readonly { id: string; version?: number }[];

/**
 * Sends `event` to many things, each judged as `move` judges one: those that may be moved are, and for each of the others there is the
 * problem that it would have met alone. Two exchanges with Postgres, however many there are.
 * @returns in the order asked for: the thing as it is now, or why it is as it was
 */
export async function moveMany<T extends StateTable, Shown extends object>(
  ctx: Ctx,
  workflow: Workflow<T, Shown>,
  each: Each,
  event: string,
  { reason = null, given = {} }: { reason?: string | null; given?: object } = {},
): Promise<(Shown | Problem)[]> {
  const { fourEyes = false } = reasoned(ruleOf(workflow, event), reason);
  const uuids = each.map(({ id }) => uuidOf(id));
  if (new Set(uuids).size < uuids.length) throw new Error("each thing is moved once");
  const held = await ctx.send(holdThese(workflow, event, fourEyes), [
    ctx.tenant.id,
    arrayOf(uuids),
    arrayOf(ctx.visible),
    ...(fourEyes ? [arrayOf(ctx.actor.persons)] : []),
  ]);
  const found = new Map(held.map((row) => [row.b_id as string, row]));
  const refusals: (Problem | null)[] = [];
  for (const [n, { version = null }] of each.entries())
    refusals.push(await judged(ctx, workflow, event, { row: found.get(uuids[n] as string), version }));
  const going = uuids.filter((_, n) => refusals[n] === null);
  const moved = going.length > 0 ? await send(ctx, workflow, event, { going, reason, given }) : new Map();
  return uuids.map((uuid, n) => {
    const row = { ...found.get(uuid), ...moved.get(uuid) };
    return refusals[n] ?? noted(ctx, workflow, row, event, reason);
  });
}

async function send<T extends StateTable, Shown extends object>(
  ctx: Ctx,
  workflow: Workflow<T, Shown>,
  event: string,
  { going, reason, given }: { going: readonly string[]; reason: string | null; given: object },
): Promise<Map<string, Record<string, unknown>>> {
  const params = [ctx.tenant.id, ctx.now.toISOString(), JSON.stringify(given), arrayOf(going), reason];
  const rows = await ctx.send(moveThese(workflow, event), params);
  if (rows.length !== going.length) throw new Error(`${workflow.spec.name}.${event} moved others than it held`);
  return new Map(rows.map((row) => [row.a_id as string, row]));
}

/** One of many that the server moves, by its uuid. `given` is its own: another row may have another. */
export type Own = { id: string; reason?: string | null; given?: object };

/**
 * Sends `event` to things that the caller holds already, each for its own reason and with what is given for it: recorded and told as if it
 * had been moved alone. One exchange, however many there are. Whoever sees them is not asked: only the server itself moves things by rule.
 * @throws Error where one of them is in a state in which it is no move: who holds them has looked
 */
export async function moveEach<T extends StateTable, Shown extends object>(
  ctx: Ctx,
  workflow: Workflow<T, Shown>,
  event: string,
  each: readonly Own[],
): Promise<Shown[]> {
  if (each.length === 0) return [];
  if (ruleOf(workflow, event).fourEyes)
    throw new Error(`${workflow.spec.name}.${event} is nothing that happens by rule`);
  const own = each.map(({ id, reason = null, given = {} }) => ({ id, reason, along: given }));
  const rows = await ctx.send(moveOwn(workflow, event), [ctx.tenant.id, ctx.now.toISOString(), JSON.stringify(own)]);
  if (rows.length !== each.length) throw new Error(`${workflow.spec.name}.${event} moved others than were held`);
  const reasons = new Map(own.map(({ id, reason }) => [id, reason]));
  return rows.map((row) => noted(ctx, workflow, row, event, reasons.get(row.b_id as string) ?? null));
}

/** A thing that is held for a move that was judged to be possible, as the database gave it. */
export type Held<T extends StateTable> = { readonly row: T["$inferSelect"]; readonly found: Record<string, unknown> };

/**
 * Holds a thing, and judges whether this caller may send `event` to it, without sending it: for a module that only then knows what comes of it.
 * @throws what `move` throws
 */
export async function holdFor<T extends StateTable, Shown extends object>(
  ctx: Ctx,
  workflow: Workflow<T, Shown>,
  id: string,
  event: string,
  version: number,
): Promise<Held<T>> {
  const { fourEyes = false } = ruleOf(workflow, event);
  const [found] = await ctx.send(holdThese(workflow, event, fourEyes), [
    ctx.tenant.id,
    arrayOf([uuidOf(id)]),
    arrayOf(ctx.visible),
    ...(fourEyes ? [arrayOf(ctx.actor.persons)] : []),
  ]);
  const refusal = await judged(ctx, workflow, event, { row: found, version });
  if (refusal || !found) throw refusal ?? new Problem(workflow.problems.notFound);
  return { row: sideOf(workflow.table, found, "b") as T["$inferSelect"], found };
}

/** Sends `event` to a thing that is held: recorded and told as by `move`. */
export async function moveHeld<T extends StateTable, Shown extends object>(
  ctx: Ctx,
  workflow: Workflow<T, Shown>,
  { found }: Held<T>,
  event: string,
  { reason = null, given = {} }: { reason?: string | null; given?: object } = {},
): Promise<Shown> {
  reasoned(ruleOf(workflow, event), reason);
  const id = found.b_id as string;
  const moved = await send(ctx, workflow, event, { going: [id], reason, given });
  return noted(ctx, workflow, { ...found, ...moved.get(id) }, event, reason);
}
