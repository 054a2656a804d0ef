import { z } from "zod";
import { event } from "./kit/event.ts";
import { typeId } from "./kit/ids.ts";
import { capability, router } from "./kit/operation.ts";
import { page, paging } from "./kit/paging.ts";
import { line, Name } from "./kit/shapes.ts";
import { builtInRoles, permissionsOf, type RoleSpec } from "./roles/builtIn.ts";

/** A role's key; `admin` and the others of `roles.list`. */
export const RoleKey = z
  .string()
  .regex(/^[a-z][a-z_]{1,39}$/)
  .meta({ description: "Key of a role: one of those that `roles.list` names.", example: "executive" });

/** What of a directory means a role. */
export const mappingKinds = ["app_role", "group"] as const;

const mapping = {
  kind: z
    .enum(mappingKinds)
    .describe("`app_role`: a role that the directory's application declares. `group`: a group there."),
  value: line(250).describe("The app role's value, or the group's object id."),
  role: RoleKey,
};
const organisation = "org_01kejc8ht0e6ssypg6m30swm9a";
const example = { kind: "app_role", value: "Dais.Executive", role: "executive" } as const;

const { query, command, events } = capability({
  name: "roles",
  title: "Roles",
  about: "What each role may do, and which of the directory's app roles and groups mean it.",
  permissions: {
    "role.read": "See the roles, and which app roles and groups of the directory mean them.",
    "role.map": "Say that an app role or group of the directory means a role.",
    "role.unmap": "Take back that an app role or group of the directory means a role.",
  },
  problems: {
    role_unknown: {
      status: 422,
      title: "No such role",
      meaning: "There is no role with this key.",
      remedy: "Take one of `roles.list`.",
    },
    role_last_admin_mapping: {
      status: 409,
      title: "Nobody would be administrator any more",
      meaning:
        "Nothing else of the directory means the role `admin`, and no enabled person has it by grant: after the next sign-ins nobody could undo this.",
      remedy: "Map something else to `admin` first, or grant it to somebody.",
    },
  },
  events: {
    "role.mapped": event({
      about: "An app role or group of the directory means a role from now on. `id` is the organisation's.",
      version: 1,
      permission: "role.read",
      payload: z.object({ id: typeId("org"), ...mapping }),
      example: { id: organisation, ...example },
    }),
    "role.unmapped": event({
      about: "An app role or group of the directory means a role no longer. `id` is the organisation's.",
      version: 1,
      permission: "role.read",
      payload: z.object({ id: typeId("org"), ...mapping }),
      example: { id: organisation, ...example },
    }),
  },
});
export type RoleEvents = typeof events;

export const Role = z
  .object({
    key: RoleKey,
    name: Name,
    about: z.string().max(500),
    inherits: z.array(RoleKey).max(100).describe("Roles that it holds, too."),
    permissions: z.array(z.string().max(100)).max(500).describe("All of them, inherited ones included."),
  })
  .meta({ id: "Role", description: "A name for what somebody may do." });
export type Role = z.infer<typeof Role>;

export const RoleMapping = z
  .object(mapping)
  .meta({ id: "RoleMapping", description: "An app role or group of the directory that means a role here." });
export type RoleMapping = z.infer<typeof RoleMapping>;

const approver = builtInRoles.find(({ key }) => key === "approver") as RoleSpec;

export const roles = router({
  list: query({
    rest: "GET /roles",
    summary: "List the roles, with everything that each may do",
    permission: "role.read",
    input: z.strictObject({}),
    output: z.object({ items: z.array(Role).max(100) }),
    examples: [
      {
        title: "One of them",
        input: {},
        output: {
          items: [{ ...approver, inherits: [...approver.inherits], permissions: permissionsOf(approver.key) }],
        },
      },
    ],
  }),
  mappings: query({
    rest: "GET /roles/mappings",
    summary: "List which app roles and groups of the directory mean which role",
    permission: "role.read",
    problems: ["invalid_cursor"],
    input: z.strictObject({ ...paging, role: RoleKey.optional().describe("Only those that mean this role.") }),
    output: page(RoleMapping),
    examples: [{ title: "All", input: {}, output: { items: [example], nextCursor: null } }],
  }),
  map: command({
    rest: "POST /roles/map",
    summary: "Say that an app role or group of the directory means a role",
    description: "It holds for a person from their next sign-in on.",
    permission: "role.map",
    problems: ["role_unknown"],
    anyVersion: true,
    assurance: { mfa: true, maxAgeSeconds: 300 },
    mcp: false,
    input: z.strictObject(mapping),
    output: z.object({ changed: z.boolean().describe("False where it was mapped already."), mapping: RoleMapping }),
    examples: [{ title: "An app role", input: example, output: { changed: true, mapping: example } }],
  }),
  unmap: command({
    rest: "POST /roles/unmap",
    summary: "Take back that an app role or group of the directory means a role",
    description: "It holds for a person from their next sign-in on.",
    permission: "role.unmap",
    problems: ["role_last_admin_mapping"],
    anyVersion: true,
    assurance: { mfa: true, maxAgeSeconds: 300 },
    mcp: false,
    input: z.strictObject(mapping),
    output: z.object({ changed: z.boolean().describe("False where it was not mapped."), mapping: RoleMapping }),
    examples: [{ title: "An app role", input: example, output: { changed: true, mapping: example } }],
  }),
});
