import type { groups as contract, Group } from "@dais/contracts/groups";
import { uuidOf } from "@dais/contracts/kit/ids";
import { record } from "@dais/kernel/audit";
import { canonical } from "@dais/kernel/canonical";
import type { Ctx, Handlers } from "@dais/kernel/context";
import { emit } from "@dais/kernel/outbox";
import { pageOf, positionOf } from "@dais/kernel/paging";
import { Problem } from "@dais/kernel/problem";
import { add, membersOf, peopleIn, take } from "./members.ts";
import { find, hold, insert, remove, some, write } from "./rows.ts";

/** One function for each operation of contracts/groups.ts, under the same name. */
export const groups: Handlers<typeof contract> = {
  list: async (ctx, input) => {
    const rows = await some(ctx, input, placeOf(ctx, input), input.limit + 1);
    return pageOf(
      ctx,
      input,
      rows,
      (group) => group,
      ({ name, id }) => [name.en, uuidOf(id)],
    );
  },

  get: (ctx, { id }) => known(ctx, id),

  create: async (ctx, { ownerId = own(ctx), ...said }) => {
    const after = await insert(ctx, { ...said, ownerId });
    const resource = resourceOf(after);
    record(ctx, { resource, after });
    emit(ctx, { name: "group.created", resource, payload: { id: after.id } });
    return after;
  },

  update: async (ctx, { id, version, ...wanted }) => {
    const before = await holdAt(ctx, id, version);
    const { name = before.name, about = before.about, ownerId = before.ownerId } = wanted;
    const fields = { name, about, ownerId };
    const changed = canonical({ ...before, ...fields }) !== canonical(before);
    const after = changed ? await write(ctx, before, fields) : before;
    const resource = resourceOf(after);
    record(ctx, { resource, before, after, changed });
    if (changed) emit(ctx, { name: "group.updated", resource, payload: { id } });
    return after;
  },

  delete: async (ctx, { id, version }) => {
    const before = await holdAt(ctx, id, version);
    const after = await remove(ctx, before);
    const resource = resourceOf(after);
    record(ctx, { resource, before });
    emit(ctx, { name: "group.deleted", resource, payload: { id } });
    return after;
  },

  members: async (ctx, input) => {
    const place = placeOf(ctx, input);
    const [rows] = await Promise.all([membersOf(ctx, input.id, place, input.limit + 1), known(ctx, input.id)]);
    return pageOf(
      ctx,
      input,
      rows,
      ({ member }) => member,
      ({ member, row }) => [member.name.en, row],
    );
  },

  people: async (ctx, input) => {
    const place = placeOf(ctx, input);
    const [rows] = await Promise.all([peopleIn(ctx, [input.id], place, input.limit + 1), known(ctx, input.id)]);
    return pageOf(
      ctx,
      input,
      rows,
      (person) => person,
      ({ name, id }) => [name.en, uuidOf(id)],
    );
  },

  addMember: async (ctx, { id, memberId }) => {
    const group = await hold(ctx, id, "share");
    const changed = await add(ctx, id, memberId);
    const resource = resourceOf(group);
    record(ctx, { resource, before: { memberId: changed ? null : memberId }, after: { memberId }, changed });
    if (changed) emit(ctx, { name: "group.member_added", resource, payload: { id, memberId } });
    return { changed };
  },

  removeMember: async (ctx, { id, memberId }) => {
    const group = await hold(ctx, id, "share");
    const changed = await take(ctx, id, memberId);
    const resource = resourceOf(group);
    record(ctx, { resource, before: { memberId: changed ? memberId : null }, after: { memberId: null }, changed });
    if (changed) emit(ctx, { name: "group.member_removed", resource, payload: { id, memberId } });
    return { changed };
  },
};

/**
 * The public ids of everybody in any of these groups, by themselves or by groups in them: each once, the disabled left out. A group that
 * was deleted has nobody.
 */
export const peopleOfGroups = async (ctx: Ctx, groupIds: readonly string[]): Promise<string[]> =>
  (await peopleIn(ctx, groupIds)).map(({ id }) => id);

async function known(ctx: Ctx, id: string): Promise<Group> {
  const group = await find(ctx, id);
  if (!group) throw new Problem("group_not_found");
  return group;
}

/** @throws group_not_found, group_changed */
async function holdAt(ctx: Ctx, id: string, version: number): Promise<Group> {
  const group = await hold(ctx, id);
  if (group.version !== version) throw new Problem("group_changed", { version: group.version });
  return group;
}

/** @throws group_owner_required */
function own({ actor }: Ctx): string {
  if (actor.kind !== "user") throw new Problem("group_owner_required");
  return actor.id;
}

const placeOf = (ctx: Ctx, input: { cursor?: string; limit: number }) =>
  positionOf(ctx, input) as [string, string] | null;
const resourceOf = ({ id, version }: Group) => ({ type: "group", id: uuidOf(id), version });
