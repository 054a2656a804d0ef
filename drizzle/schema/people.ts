import {
  boolean,
  date,
  foreignKey,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
} from "drizzle-orm/pg-core";
import { instant, tenantId } from "./columns.ts";
import { entities } from "./entities.ts";
import { organisations } from "./organisations.ts";

/** Who signs in. Known by the directory and the object id there, never by an e-mail address, which can be given to somebody else. */
export const people = pgTable(
  "people",
  {
    id: uuid().primaryKey(),
    tenantId: tenantId().references(() => organisations.id),
    /** The directory (Entra's `tid`), or the issuer where it knows no directories. */
    tid: text().notNull(),
    /** The person's id there (Entra's `oid`, otherwise `sub`). */
    oid: text().notNull(),
    nameEn: text("name_en").notNull(),
    nameAr: text("name_ar"),
    email: text(),
    phone: text(),
    timeZone: text("time_zone"),
    language: text({ enum: ["en", "ar"] }),
    entityId: uuid("entity_id"),
    managerId: uuid("manager_id"),
    clearance: text().notNull(),
    disabledAt: instant("disabled_at"),
    signedInAt: instant("signed_in_at"),
    /** Signed out everywhere: a token that was given before is worth nothing. */
    signedOutAt: instant("signed_out_at"),
    version: integer().notNull().default(1),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (t) => [
    unique("people_tenant_id").on(t.tenantId, t.id),
    unique("people_identity").on(t.tenantId, t.tid, t.oid),
    index("people_names").on(t.tenantId, t.nameEn, t.id),
    index("people_managers").on(t.tenantId, t.managerId),
    foreignKey({
      name: "people_entity",
      columns: [t.tenantId, t.entityId],
      foreignColumns: [entities.tenantId, entities.id],
    }),
    foreignKey({ name: "people_manager", columns: [t.tenantId, t.managerId], foreignColumns: [t.tenantId, t.id] }),
  ],
);

/** Which roles a person has: `directory` ones follow the issuer's word at each sign-in, `granted` ones are given here. */
export const personRoles = pgTable(
  "person_roles",
  {
    tenantId: tenantId(),
    personId: uuid("person_id").notNull(),
    role: text().notNull(),
    source: text({ enum: ["directory", "granted"] }).notNull(),
    grantedBy: text("granted_by").notNull(),
    grantedAt: instant("granted_at").notNull(),
    endedAt: instant("ended_at"),
  },
  (t) => [
    primaryKey({ name: "person_roles_key", columns: [t.tenantId, t.personId, t.role, t.source] }),
    foreignKey({
      name: "person_roles_person",
      columns: [t.tenantId, t.personId],
      foreignColumns: [people.tenantId, people.id],
    }),
  ],
);

/** Who stands in for whom, on which days of the tenant's calendar. */
export const deputies = pgTable(
  "deputies",
  {
    tenantId: tenantId(),
    personId: uuid("person_id").notNull(),
    deputyId: uuid("deputy_id").notNull(),
    fromDay: date("from_day").notNull(),
    toDay: date("to_day").notNull(),
    endedAt: instant("ended_at"),
  },
  (t) => [
    primaryKey({ name: "deputies_key", columns: [t.tenantId, t.personId, t.deputyId, t.fromDay] }),
    index("deputies_of").on(t.tenantId, t.deputyId, t.toDay),
    foreignKey({
      name: "deputies_person",
      columns: [t.tenantId, t.personId],
      foreignColumns: [people.tenantId, people.id],
    }),
    foreignKey({
      name: "deputies_deputy",
      columns: [t.tenantId, t.deputyId],
      foreignColumns: [people.tenantId, people.id],
    }),
  ],
);

/** Whose sign-ins a tenant takes. `makesPeople`: the first sign-in makes the person; otherwise only who is there already gets in. */
export const directories = pgTable(
  "directories",
  {
    tid: text().notNull(),
    tenantId: tenantId().references(() => organisations.id),
    makesPeople: boolean("makes_people").notNull(),
  },
  (t) => [primaryKey({ name: "directories_key", columns: [t.tid, t.tenantId] })],
);

/** What a directory's app roles and groups mean here. */
export const directoryRules = pgTable(
  "directory_rules",
  {
    tenantId: tenantId().references(() => organisations.id),
    kind: text({ enum: ["app_role", "group"] }).notNull(),
    /** The app role's value, or the group's object id. */
    value: text().notNull(),
    role: text().notNull(),
    endedAt: instant("ended_at"),
  },
  (t) => [primaryKey({ name: "directory_rules_key", columns: [t.tenantId, t.kind, t.value, t.role] })],
);
