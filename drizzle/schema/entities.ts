import { entityKinds } from "@dais/contracts/entities";
import { foreignKey, index, integer, pgTable, text, unique, uuid } from "drizzle-orm/pg-core";
import { instant, tenantId } from "./columns.ts";
import { organisations } from "./organisations.ts";

/** The parts of an organisation, a tree by `parent_id`. Every key carries the tenant, so that no row can point across the wall. */
export const entities = pgTable(
  "entities",
  {
    id: uuid().primaryKey(),
    tenantId: tenantId().references(() => organisations.id),
    key: text().notNull(),
    nameEn: text("name_en").notNull(),
    nameAr: text("name_ar"),
    kind: text({ enum: entityKinds }).notNull(),
    parentId: uuid("parent_id"),
    version: integer().notNull().default(1),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (t) => [
    unique("entities_tenant_id").on(t.tenantId, t.id),
    unique("entities_tenant_key").on(t.tenantId, t.key),
    index("entities_tenant_parent").on(t.tenantId, t.parentId),
    foreignKey({ name: "entities_parent", columns: [t.tenantId, t.parentId], foreignColumns: [t.tenantId, t.id] }),
  ],
);
