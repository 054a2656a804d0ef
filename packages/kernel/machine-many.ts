import { uuidOf } from "@dais/contracts/kit/ids";
import type { Ctx } from "./context.ts";
import { judged, noted, reasoned, ruleOf, type StateTable, type Workflow } from "./machine.ts";
import { holdThese, moveThese } from "./machine-statements.ts";
import type { Problem } from "./problem.ts";

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
    list(uuids),
    list(ctx.visible),
    ...(fourEyes ? [list(ctx.actor.persons)] : []),
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
  const params = [ctx.tenant.id, ctx.now.toISOString(), JSON.stringify(given), list(going), reason];
  const rows = await ctx.send(moveThese(workflow, event), params);
  if (rows.length !== going.length) throw new Error(`${workflow.spec.name}.${event} moved others than it held`);
  return new Map(rows.map((row) => [row.a_id as string, row]));
}

const list = (values: readonly string[]): string => `{${values.join(",")}}`;
