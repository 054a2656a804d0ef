import { z } from "zod";
import { exampleGroup, innerGroupId } from "./examples/groups.ts";
import { officerId } from "./examples/people.ts";
import { event, idPayload } from "./kit/event.ts";
import { typeId } from "./kit/ids.ts";
import { capability, router } from "./kit/operation.ts";
import { page, paging } from "./kit/paging.ts";
import { Instant, line, Name, NameInput, text, Version } from "./kit/shapes.ts";
import { PersonId } from "./person.ts";

export const GroupId = typeId("grp");
const MemberId = z.union([PersonId, GroupId]).describe("Id of a person or of a group.");

const { query, command, events } = capability({
  name: "groups",
  title: "Groups",
  about:
    "People under one name, for audiences and approvals. A group may hold groups. It gives nobody a role; groups of the directory do, see `roles.map`.",
  permissions: {
    "group.read": "See groups and who is in them.",
    "group.create": "Make groups.",
    "group.update": "Rename groups, and give them to another owner.",
    "group.delete": "Delete groups.",
    "group.add_member": "Put people and groups into a group.",
    "group.remove_member": "Take people and groups out of a group.",
  },
  problems: {
    group_not_found: {
      status: 404,
      title: "No such group",
      meaning: "There is no group with this id in the caller's organisation, or it was deleted.",
      remedy: "Check the id, or list groups.",
    },
    group_changed: {
      status: 412,
      title: "The group has changed since",
      meaning:
        "Somebody changed the group after the version that the caller saw. `version` is the one that it has now.",
      remedy: "Read the group again, and decide again.",
    },
    group_owner_unknown: {
      status: 422,
      title: "No such owner",
      meaning: "The person named as owner does not exist in this organisation, or is disabled.",
      remedy: "List people.",
    },
    group_owner_required: {
      status: 422,
      title: "A group needs an owner",
      meaning: "The call names no owner, and the caller is a key, which can't be one.",
      remedy: "Name a person as `ownerId`.",
    },
    group_member_unknown: {
      status: 422,
      title: "No such member",
      meaning: "The person or group named does not exist in this organisation.",
      remedy: "List people or groups.",
    },
    group_cycle: {
      status: 422,
      title: "A group can't be in itself",
      meaning: "The member is the group itself, or a group that holds it over any number of steps.",
      remedy: "Choose another member.",
    },
  },
  events: {
    "group.created": event({
      about: "A group was made.",
      version: 1,
      permission: "group.read",
      payload: idPayload("grp"),
      example: { id: exampleGroup.id },
    }),
    "group.updated": event({
      about: "A group was renamed, or got another owner.",
      version: 1,
      permission: "group.read",
      payload: idPayload("grp"),
      example: { id: exampleGroup.id },
    }),
    "group.deleted": event({
      about: "A group was deleted.",
      version: 1,
      permission: "group.read",
      payload: idPayload("grp"),
      example: { id: exampleGroup.id },
    }),
    "group.member_added": event({
      about: "A person or group was put into a group.",
      version: 1,
      permission: "group.read",
      payload: z.object({ id: GroupId, memberId: MemberId }),
      example: { id: exampleGroup.id, memberId: officerId },
    }),
    "group.member_removed": event({
      about: "A person or group was taken out of a group.",
      version: 1,
      permission: "group.read",
      payload: z.object({ id: GroupId, memberId: MemberId }),
      example: { id: exampleGroup.id, memberId: officerId },
    }),
  },
});
export type GroupEvents = typeof events;

export const Group = z
  .object({
    id: GroupId,
    name: Name,
    about: text(2000).nullable(),
    ownerId: PersonId,
    version: Version.describe("Of the group itself: who is in it may change without it."),
    createdAt: Instant,
    updatedAt: Instant,
  })
  .meta({ id: "Group", description: "People under one name." });
export type Group = z.infer<typeof Group>;

export const GroupMember = z
  .object({
    memberId: MemberId,
    kind: z.enum(["person", "group"]),
    name: Name,
    disabled: z.boolean().describe("Whether it is a person who is shut out."),
    addedAt: Instant,
  })
  .meta({ id: "GroupMember", description: "A person or group that is in a group itself." });
export type GroupMember = z.infer<typeof GroupMember>;

const GroupPerson = z
  .object({ id: PersonId, name: Name })
  .meta({ id: "GroupPerson", description: "Somebody who is in a group, whether by themselves or by a group in it." });

const { id } = exampleGroup;
const changed = (fields: object) => ({ ...exampleGroup, ...fields, version: 2, updatedAt: "2026-01-06T04:00:00.000Z" });

export const groups = router({
  list: query({
    rest: "GET /groups",
    summary: "List groups, by name",
    permission: "group.read",
    problems: ["invalid_cursor"],
    input: z.strictObject({
      ...paging,
      q: line(200).optional().describe("Only those whose English or Arabic name begins with this, whatever the case."),
      ownerId: PersonId.optional().describe("Only this person's."),
      personId: PersonId.optional().describe("Only those that this person is in, other than by a group in them."),
    }),
    output: page(Group),
    examples: [{ title: "All", input: {}, output: { items: [exampleGroup], nextCursor: null } }],
  }),
  get: query({
    rest: "GET /groups/{id}",
    summary: "Read one group",
    permission: "group.read",
    problems: ["group_not_found"],
    input: z.strictObject({ id: GroupId }),
    output: Group,
    examples: [{ title: "One group", input: { id }, output: exampleGroup }],
  }),
  create: command({
    rest: "POST /groups",
    summary: "Make a group",
    permission: "group.create",
    problems: ["group_owner_unknown", "group_owner_required"],
    status: 201,
    location: "/groups/{id}",
    mcp: false,
    input: z.strictObject({
      name: NameInput,
      about: text(2000).nullable().default(null),
      ownerId: PersonId.optional().describe("Without it, the caller."),
    }),
    output: Group,
    examples: [
      {
        title: "A group",
        input: { name: exampleGroup.name, about: exampleGroup.about, ownerId: exampleGroup.ownerId },
        output: exampleGroup,
      },
    ],
  }),
  update: command({
    rest: "PATCH /groups/{id}",
    summary: "Rename a group, or give it to another owner",
    permission: "group.update",
    problems: ["group_not_found", "group_changed", "group_owner_unknown"],
    mcp: false,
    input: z.strictObject({
      id: GroupId,
      version: Version,
      name: NameInput.optional(),
      about: text(2000).nullable().optional(),
      ownerId: PersonId.optional(),
    }),
    output: Group,
    examples: [
      {
        title: "A new name",
        input: { id, version: 1, name: { en: "Crisis cell", ar: null } },
        output: changed({ name: { en: "Crisis cell", ar: null } }),
      },
    ],
  }),
  delete: command({
    rest: "POST /groups/{id}/delete",
    summary: "Delete a group, which leaves every group that it is in",
    description: "Answers with what it was. Who was in it stays in the audit log.",
    permission: "group.delete",
    problems: ["group_not_found", "group_changed"],
    mcp: false,
    input: z.strictObject({ id: GroupId, version: Version }),
    output: Group,
    examples: [{ title: "Delete", input: { id, version: 1 }, output: changed({}) }],
  }),
  members: query({
    rest: "GET /groups/{id}/members",
    summary: "List the people and groups that are in a group itself, by name",
    permission: "group.read",
    problems: ["group_not_found", "invalid_cursor"],
    input: z.strictObject({ ...paging, id: GroupId }),
    output: page(GroupMember),
    examples: [
      {
        title: "A group in a group",
        input: { id },
        output: {
          items: [
            {
              memberId: innerGroupId,
              kind: "group",
              name: { en: "Executive committee", ar: "اللجنة التنفيذية" },
              disabled: false,
              addedAt: "2026-01-05T04:00:00.000Z",
            },
          ],
          nextCursor: null,
        },
      },
    ],
  }),
  people: query({
    rest: "GET /groups/{id}/people",
    summary: "List everybody who is in a group, also by groups in it, by name",
    description: "Each person once, over any number of groups in groups. Who is disabled is left out.",
    permission: "group.read",
    problems: ["group_not_found", "invalid_cursor"],
    input: z.strictObject({ ...paging, id: GroupId }),
    output: page(GroupPerson),
    examples: [
      {
        title: "Everybody",
        input: { id },
        output: { items: [{ id: officerId, name: { en: "Layla Al Marri", ar: "ليلى المري" } }], nextCursor: null },
      },
    ],
  }),
  addMember: command({
    rest: "POST /groups/{id}/add-member",
    summary: "Put a person or a group into a group",
    permission: "group.add_member",
    problems: ["group_not_found", "group_member_unknown", "group_cycle"],
    anyVersion: true,
    mcp: false,
    input: z.strictObject({ id: GroupId, memberId: MemberId }),
    output: z.object({ changed: z.boolean().describe("False where it was in it already.") }),
    examples: [{ title: "A person", input: { id, memberId: officerId }, output: { changed: true } }],
  }),
  removeMember: command({
    rest: "POST /groups/{id}/remove-member",
    summary: "Take a person or a group out of a group",
    permission: "group.remove_member",
    problems: ["group_not_found"],
    anyVersion: true,
    mcp: false,
    input: z.strictObject({ id: GroupId, memberId: MemberId }),
    output: z.object({ changed: z.boolean().describe("False where it was not in it.") }),
    examples: [{ title: "A person", input: { id, memberId: officerId }, output: { changed: true } }],
  }),
});
