import { groupMembers, groups } from "@dais/drizzle/schema/groups";
import { directories, directoryRules, people, personRoles } from "@dais/drizzle/schema/people";
import type { PgTable } from "drizzle-orm/pg-core";
import { demoUuid, founded } from "./fixed.ts";
import type { Organisation } from "./organisations.ts";

/** The rows of an organisation's directories, people and groups, as their sign-ins would have left them, table by table. */
export function peopleRows(of: Organisation): [PgTable, Record<string, unknown>[]][] {
  const tenantId = of.id;
  const idOf = (key: string): string => {
    const found = of.people.find((person) => person.key === key);
    if (!found) throw new Error(`${of.slug} has nobody called ${key}`);
    return demoUuid("per", found.person);
  };
  const entityOf = (key: string) => of.entities.find((entity) => entity.key === key)?.id ?? null;
  const times = { createdAt: founded, updatedAt: founded };

  return [
    [directories, of.directories.map((row) => ({ ...row, tenantId }))],
    [directoryRules, of.appRoles.map((role) => ({ tenantId, kind: "app_role", value: role, role }))],
    [
      people,
      of.people.map(({ key, name, entity, manager, tid, oid, email, phone, clearance }) => ({
        ...{ id: idOf(key), tenantId, tid, oid, nameEn: name.en, nameAr: name.ar, email, phone, clearance, ...times },
        ...{ entityId: entity && entityOf(entity), managerId: manager && idOf(manager) },
      })),
    ],
    [
      personRoles,
      of.people.flatMap(({ key, roles }) =>
        roles.map((role) => ({
          ...{ tenantId, personId: idOf(key), role, source: "directory", grantedBy: "app_role", grantedAt: founded },
        })),
      ),
    ],
    [
      groups,
      of.groups.map(({ id, name, about, owner }) => ({
        ...{
          id: demoUuid("grp", id),
          tenantId,
          nameEn: name.en,
          nameAr: name.ar,
          about,
          ownerId: idOf(owner),
          ...times,
        },
      })),
    ],
    [
      groupMembers,
      of.groups.flatMap(({ id, people, groups }) => {
        const member = { tenantId, groupId: demoUuid("grp", id), addedAt: founded };
        return [
          ...people.map((key, n) => ({ ...member, id: rowId(id, "p", n), personId: idOf(key) })),
          ...groups.map((inner, n) => ({ ...member, id: rowId(id, "g", n), memberGroupId: demoUuid("grp", inner) })),
        ];
      }),
    ],
  ];
}

/** A member's row has an id that nobody is shown; it only must be the same with each load. */
const rowId = (group: string, kind: "p" | "g", n: number) =>
  demoUuid("grp", group).replace(/^.{4}/, `${kind === "p" ? "aa" : "bb"}${String(n).padStart(2, "0")}`);
