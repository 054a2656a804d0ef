import { sql } from "drizzle-orm";
import { check, foreignKey, index, integer, pgTable, text, unique, uuid } from "drizzle-orm/pg-core";
import { instant, tenantId } from "./columns.ts";
import { organisations } from "./organisations.ts";
import { people } from "./people.ts";

/** People under one name, for audiences and approvals. A group may hold groups; never, over any number of steps, itself. */
export const groups = pgTable(
  "groups",
  {
    id: uuid().primaryKey(),
    tenantId: tenantId().references(() => organisations.id),
    nameEn: text("name_en").notNull(),
    nameAr: text("name_ar"),
    about: text(),
    ownerId: uuid("owner_id").notNull(),
    deletedAt: instant("deleted_at"),
    version: integer().notNull().default(1),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (t) => [
    unique("groups_tenant_id").on(t.tenantId, t.id),
    index("groups_names").on(t.tenantId, t.nameEn, t.id),
    foreignKey({
      name: "groups_owner",
      columns: [t.tenantId, t.ownerId],
      foreignColumns: [people.tenantId, people.id],
    }),
  ],
);

/** A member is a person or a group. */
export const groupMembers = pgTable(
  "group_members",
  {
    id: uuid().primaryKey(),
    tenantId: tenantId(),
    groupId: uuid("group_id").notNull(),
    personId: uuid("person_id"),
    memberGroupId: uuid("member_group_id"),
    addedAt: instant("added_at").notNull(),
    endedAt: instant("ended_at"),
  },
  (t) => [
    unique("group_members_person").on(t.tenantId, t.groupId, t.personId),
    unique("group_members_group").on(t.tenantId, t.groupId, t.memberGroupId),
    index("group_members_of_person").on(t.tenantId, t.personId),
    index("group_members_of_group").on(t.tenantId, t.memberGroupId),
    check("group_members_one", sql`(${t.personId} is null) <> (${t.memberGroupId} is null)`),
    foreignKey({
      name: "group_members_in",
      columns: [t.tenantId, t.groupId],
      foreignColumns: [groups.tenantId, groups.id],
    }),
    foreignKey({
      name: "group_members_who",
      columns: [t.tenantId, t.personId],
      foreignColumns: [people.tenantId, people.id],
    }),
    foreignKey({
      name: "group_members_child",
      columns: [t.tenantId, t.memberGroupId],
      foreignColumns: [groups.tenantId, groups.id],
    }),
  ],
);
