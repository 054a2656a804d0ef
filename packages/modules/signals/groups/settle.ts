import { idOf } from "@dais/contracts/kit/ids";
import { arrayOf } from "@dais/drizzle/schema/texts";
import { record } from "@dais/kernel/audit";
import type { Ctx } from "@dais/kernel/context";
import { emit } from "@dais/kernel/outbox";
import { partition, type Tie } from "./partition.ts";
import { apartKeys, membersOf } from "./read.ts";
import type { Node } from "./rule.ts";

/** What becomes of groups. */
export type Settlement = {
  formed: { id: string; members: Node[] }[];
  /** Groups that became part of others. */
  absorbed: { gone: string; into: string }[];
  /** Signals whose group is another one now, or none. */
  moved: Map<string, string | null>;
  /** Groups that others joined or left, with what is known of their signals. */
  changed: Map<string, Node[]>;
};

/** Which group remains where several become one, and with which of its signals where one falls apart: by default the oldest. */
export type Preference = { first?: string; remain?: ReadonlyMap<string, string> };

/**
 * What becomes of groups whose signals or ties have changed, and of whatever could only be cut off from them by what people said. Groups
 * are known by their ids, signals that stand alone by their own.
 */
export async function settle(
  ctx: Ctx,
  keys: Iterable<string>,
  apart: readonly [string, string][],
  preference: Preference = {},
): Promise<Settlement> {
  const { nodes, ties } = await membersOf(ctx, reachable(keys, apart));
  return settlementOf(ctx, nodes, ties, preference);
}

/** Puts signals into groups anew, known as for `settle`. Answers with those whose group is another one now, or none. */
export async function regroupAnew(
  ctx: Ctx,
  keys: Iterable<string>,
  preference: Preference = {},
): Promise<ReadonlyMap<string, string | null>> {
  const settlement = await settle(ctx, keys, await apartKeys(ctx), preference);
  await writeSettlement(ctx, settlement);
  return settlement.moved;
}

/** Groups that lie together, but are cut by what people said, have a pair between them that is apart: one finds all of them over such pairs. */
export function reachable(keys: Iterable<string>, apart: readonly [string, string][]): string[] {
  const found = new Set(keys);
  for (let before = -1; before < found.size; ) {
    before = found.size;
    for (const [one, other] of apart) {
      if (found.has(one)) found.add(other);
      else if (found.has(other)) found.add(one);
    }
  }
  return [...found];
}

function settlementOf(
  ctx: Ctx,
  nodes: readonly Node[],
  ties: readonly Tie[],
  { first, remain }: Preference,
): Settlement {
  const sets = partition(nodes, ties);
  const setOf = new Map(sets.flatMap((set) => set.map((node) => [node.id, set] as const)));
  const owned = new Map<Node[], string[]>();
  for (const [groupId, members] of byGroup(nodes)) {
    const its =
      members.find(({ id }) => id === remain?.get(groupId)) ?? members.reduce((a, b) => (b.id < a.id ? b : a));
    const set = setOf.get(its.id) as Node[];
    owned.set(set, [...(owned.get(set) ?? []), groupId]);
  }
  const result: Settlement = { formed: [], absorbed: [], moved: new Map(), changed: new Map() };
  for (const set of sets) {
    const [kept, ...others] = (owned.get(set) ?? []).sort((a, b) =>
      a === first ? -1 : b === first ? 1 : a < b ? -1 : 1,
    );
    const id = set.length < 2 ? null : (kept ?? ctx.newId());
    if (id !== null && kept === undefined) result.formed.push({ id, members: set });
    if (id !== null) result.absorbed.push(...others.map((gone) => ({ gone, into: id })));
    const moved = set.filter(({ groupId }) => groupId !== id);
    for (const node of moved) result.moved.set(node.id, id);
    if (id !== null && kept !== undefined && moved.length > 0) result.changed.set(id, set);
    for (const { groupId } of moved) if (groupId) leave(result, groupId, nodes);
  }
  return result;
}

/** A group that signals left has changed as well, unless it is part of another now. */
function leave(result: Settlement, groupId: string, nodes: readonly Node[]): void {
  if (!result.changed.has(groupId))
    result.changed.set(
      groupId,
      nodes.filter((node) => node.groupId === groupId),
    );
}

function byGroup(nodes: readonly Node[]): Map<string, Node[]> {
  const groups = new Map<string, Node[]>();
  for (const node of nodes) {
    if (node.groupId === null) continue;
    const its = groups.get(node.groupId) ?? [];
    its.push(node);
    groups.set(node.groupId, its);
  }
  return groups;
}

const moveText = `
  with formed as (
    insert into signal_groups (id, tenant_id, version, created_at, updated_at) select f.id, $1, 1, $3, $3 from unnest($4::uuid[]) as f(id)
  )
  update signals s set group_id = m.group_id, version = s.version + m.step, updated_at = $3
  from json_to_recordset($2::json) as m(id uuid, group_id uuid, step int) where s.tenant_id = $1 and s.id = m.id`;
const absorbing = "json_to_recordset($2::json) as m(gone uuid, into_id uuid)";
const followText = `
  update signals s set group_id = m.into_id, version = s.version + case when s.id = any ($4::uuid[]) then 0 else 1 end, updated_at = $3
  from ${absorbing} where s.tenant_id = $1 and s.group_id = m.gone`;
const absorbTexts = [
  `update signal_groups g set name = coalesce(g.name, x.name), lead_id = coalesce(g.lead_id, x.lead_id), version = g.version + 1, updated_at = $3
   from (
     select m.into_id, (array_agg(o.name order by o.id) filter (where o.name is not null))[1] as name,
       (array_agg(o.lead_id order by o.id) filter (where o.lead_id is not null))[1] as lead_id
     from ${absorbing} join signal_groups o on o.tenant_id = $1 and o.id = m.gone group by m.into_id
   ) x
   where g.tenant_id = $1 and g.id = x.into_id and ((g.name is null and x.name is not null) or (g.lead_id is null and x.lead_id is not null))`,
  `update signal_groups g set merged_into = m.into_id, updated_at = $3 from ${absorbing} where g.tenant_id = $1 and g.merged_into = m.gone`,
  `update signal_groups g set merged_into = m.into_id, version = g.version + 1, updated_at = $3 from ${absorbing}
   where g.tenant_id = $1 and g.id = m.gone`,
];

/**
 * Writes a settlement, records and tells it. One exchange, or none.
 * @param fresh Signals whose version has grown in this change already, with the groups that they were in
 */
export async function writeSettlement(
  ctx: Ctx,
  { formed, absorbed, moved, changed }: Settlement,
  fresh: readonly { id: string; groupId: string | null }[] = [],
): Promise<void> {
  const now = ctx.now.toISOString();
  const grown = new Set(fresh.map(({ id }) => id));
  const over = new Map(absorbed.map(({ gone, into }) => [gone, into]));
  const gone = JSON.stringify(absorbed.map((one) => ({ gone: one.gone, into_id: one.into })));
  const following = fresh.flatMap(({ id, groupId }) => (groupId && over.has(groupId) ? [id] : []));
  const moves = [...moved].map(([id, group_id]) => ({ id, group_id, step: grown.has(id) ? 0 : 1 }));
  await Promise.all([
    ...(moves.length > 0
      ? [ctx.send(moveText, [ctx.tenant.id, JSON.stringify(moves), now, arrayOf(formed.map(({ id }) => id))])]
      : []),
    ...(over.size > 0 ? [ctx.send(followText, [ctx.tenant.id, gone, now, arrayOf(following)])] : []),
    ...(over.size > 0 ? absorbTexts.map((text) => ctx.send(text, [ctx.tenant.id, gone, now])) : []),
  ]);
  for (const { id, members } of formed) {
    const resource = resourceOf(ctx, id, members);
    record(ctx, {
      resource,
      after: { id: idOf("sgr", id), signals: members.map((node) => idOf("sig", node.id)).sort() },
    });
    emit(ctx, { name: "signal_group.created", resource, payload: { id: idOf("sgr", id) } });
  }
  for (const { gone: id, into } of absorbed) {
    const resource = resourceOf(ctx, id, changed.get(into) ?? []);
    record(ctx, { resource, before: { mergedInto: null }, after: { mergedInto: idOf("sgr", into) } });
    emit(ctx, { name: "signal_group.merged", resource, payload: { id: idOf("sgr", id), into: idOf("sgr", into) } });
  }
  for (const [id, members] of changed) {
    if (over.has(id)) continue;
    const resource = resourceOf(ctx, id, members);
    emit(ctx, { name: "signal_group.changed", resource, payload: { id: idOf("sgr", id) } });
  }
}

/** Told to who sees one of its signals at least: as far as they are known here. */
function resourceOf(ctx: Ctx, id: string, members: readonly Node[]) {
  const ranks = members
    .map(({ classification }) => ctx.tenant.levels.indexOf(classification))
    .filter((rank) => rank >= 0);
  const classification = ctx.tenant.levels[ranks.length > 0 ? Math.min(...ranks) : ctx.tenant.levels.length - 1];
  return { type: "signal_group", id, classification };
}
