import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import type { SignalGroup } from "@dais/contracts/signalGroups";
import { record } from "@dais/kernel/audit";
import { canonical } from "@dais/kernel/canonical";
import type { Ctx } from "@dais/kernel/context";
import { emit } from "@dais/kernel/outbox";
import { Problem } from "@dais/kernel/problem";
import { groupMembers, holdSignals, type Member, regroupAnew } from "@dais/modules/signals";
import { find, known } from "./rows.ts";
import { endTies, type NewTie, tie } from "./ties.ts";

type Which = { id: string; version: number };

/** @throws signal_group_not_found, signal_group_changed, signal_group_merged, signal_group_signal_unknown */
export async function update(
  ctx: Ctx,
  { id, version, ...wanted }: Which & { name?: string | null; leadId?: string | null },
): Promise<SignalGroup> {
  const { before, members } = await hold(ctx, { id, version });
  const { name = before.name, leadId = before.leadId } = wanted;
  if (wanted.leadId) among(ctx, members, [wanted.leadId]);
  const changed = canonical({ ...before, name, leadId }) !== canonical(before);
  if (changed) await write(ctx, id, { name, leadId });
  const after = changed ? await known(ctx, id) : before;
  const resource = resourceOf(ctx, after, members);
  record(ctx, { resource, before, after, changed });
  if (changed) emit(ctx, { name: "signal_group.updated", resource, payload: { id } });
  return after;
}

/** @throws signal_group_not_found, signal_group_changed, signal_group_merged, signal_group_other_unknown */
export async function merge(ctx: Ctx, { id, version, otherId }: Which & { otherId: string }): Promise<SignalGroup> {
  const { before, members } = await hold(ctx, { id, version });
  const other = otherId === id ? undefined : await find(ctx, otherId);
  if (!other || other.mergedInto !== null) throw new Problem("signal_group_other_unknown");
  const theirs = await groupMembers(ctx, [uuidOf(otherId)]);
  const [mine, yours] = [idsOf(members.nodes), idsOf(theirs.nodes)];
  const ended = members.ties.filter(({ kind, one, other: two }) => kind === "apart" && crosses(mine, yours, one, two));
  await Promise.all([
    endTies(ctx, ended),
    tie(ctx, [{ kind: "together", one: oldest(mine), other: oldest(yours) }]),
    write(ctx, id, {}),
  ]);
  await regroupAnew(ctx, [uuidOf(id), uuidOf(otherId)], { first: uuidOf(id) });
  const after = await known(ctx, id);
  record(ctx, { resource: resourceOf(ctx, after, members), before, after });
  return after;
}

/**
 * Takes signals out of a group. Those that stay are held together, those that leave too, and one pair of them is apart: so the two sides
 * never meet again by themselves, whatever comes between them.
 * @throws signal_group_not_found, signal_group_changed, signal_group_merged, signal_group_signal_unknown, signal_group_emptied
 */
export async function split(ctx: Ctx, { id, version, signalIds }: Which & { signalIds: string[] }) {
  const { before, members } = await hold(ctx, { id, version });
  const leaving = among(ctx, members, signalIds);
  const staying = idsOf(members.nodes.filter((node) => !leaving.has(node.id)));
  if (!members.nodes.some((node) => staying.has(node.id) && ctx.visible.includes(node.classification)))
    throw new Problem("signal_group_emptied");
  const crossing = members.ties.filter(
    ({ kind, one, other }) => kind === "together" && crosses(leaving, staying, one, other),
  );
  const apart = members.ties
    .filter(({ kind }) => kind === "apart")
    .flatMap(({ one, other }) => alsoApart(leaving, staying, one, other));
  const [first, last] = [oldest(staying), oldest(leaving)];
  await Promise.all([
    endTies(ctx, crossing),
    tie(ctx, [...star(staying), ...star(leaving), ...apart, { kind: "apart", one: first, other: last }]),
    write(ctx, id, before.leadId && leaving.has(uuidOf(before.leadId)) ? { leadId: null } : {}),
  ]);
  const moved = await regroupAnew(ctx, [uuidOf(id)], { remain: new Map([[uuidOf(id), first]]) });
  const made = moved.get(last);
  const [group = null, part = null] = await Promise.all([
    find(ctx, id),
    made ? find(ctx, idOf("sgr", made)) : undefined,
  ]);
  const resource = resourceOf(ctx, before, members);
  record(ctx, { resource, before: { signals: shown(staying, leaving) }, after: { signals: shown(staying) } });
  emit(ctx, { name: "signal_group.split", resource, payload: { id } });
  return { group, split: part };
}

type Members = { nodes: Member[]; ties: { id: string; kind: string; one: string; other: string }[] };

/** The group and all of its signals, until the end of this change. */
async function hold(ctx: Ctx, { id, version }: Which): Promise<{ before: SignalGroup; members: Members }> {
  const [, before, members] = await Promise.all([holdSignals(ctx), find(ctx, id), groupMembers(ctx, [uuidOf(id)])]);
  if (!before) throw new Problem("signal_group_not_found");
  if (before.version !== version) throw new Problem("signal_group_changed", { version: before.version });
  if (before.mergedInto !== null) throw new Problem("signal_group_merged", { mergedInto: before.mergedInto });
  return { before, members };
}

/** @throws signal_group_signal_unknown where one of them is not in the group, as far as the caller sees it */
function among(ctx: Ctx, { nodes }: Members, signalIds: readonly string[]): Set<string> {
  const visible = idsOf(nodes.filter(({ classification }) => ctx.visible.includes(classification)));
  const ids = new Set(signalIds.map(uuidOf));
  for (const id of ids)
    if (!visible.has(id)) throw new Problem("signal_group_signal_unknown", { signalId: idOf("sig", id) });
  return ids;
}

const writeText = `
  update signal_groups set name = case when $4 then $5 else name end, lead_id = case when $6 then $7::uuid else lead_id end,
    version = version + 1, updated_at = $3
  where tenant_id = $1 and id = $2`;

const write = (ctx: Ctx, id: string, { name, leadId }: { name?: string | null; leadId?: string | null }) =>
  ctx.send(writeText, [
    ctx.tenant.id,
    uuidOf(id),
    ctx.now.toISOString(),
    name !== undefined,
    name ?? null,
    leadId !== undefined,
    leadId ? uuidOf(leadId) : null,
  ]);

const idsOf = (nodes: readonly { id: string }[]) => new Set(nodes.map(({ id }) => id));
const oldest = (ids: ReadonlySet<string>): string => [...ids].sort()[0] as string;
const crosses = (mine: ReadonlySet<string>, theirs: ReadonlySet<string>, one: string, other: string): boolean =>
  (mine.has(one) && theirs.has(other)) || (mine.has(other) && theirs.has(one));

function star(ids: ReadonlySet<string>): NewTie[] {
  const centre = oldest(ids);
  return [...ids].flatMap((id) => (id === centre ? [] : [{ kind: "together", one: centre, other: id } as const]));
}

/** What was apart from the whole group is apart from both of its parts. */
function alsoApart(leaving: ReadonlySet<string>, staying: ReadonlySet<string>, one: string, other: string): NewTie[] {
  const parts = [leaving, staying];
  const [inOne, inOther] = [parts.find((part) => part.has(one)), parts.find((part) => part.has(other))];
  if ((inOne === undefined) === (inOther === undefined)) return [];
  const outside = inOne ? other : one;
  return parts.map((part) => ({
    kind: "apart",
    one: part.has(one) ? one : part.has(other) ? other : oldest(part),
    other: outside,
  }));
}

const shown = (...sets: ReadonlySet<string>[]) =>
  sets
    .flatMap((ids) => [...ids])
    .sort()
    .map((id) => idOf("sig", id));

/** Told to who sees one of its signals at least. */
function resourceOf({ tenant }: Ctx, { id, version }: SignalGroup, { nodes }: Members) {
  const rank = Math.min(...nodes.map(({ classification }) => tenant.levels.indexOf(classification)));
  return { type: "signal_group", id: uuidOf(id), version, classification: tenant.levels[rank] ?? null };
}
