import { z } from "zod";
import { event } from "./kit/event.ts";
import { typeId } from "./kit/ids.ts";
import { capability, router } from "./kit/operation.ts";
import { page, paging } from "./kit/paging.ts";
import { line, Name } from "./kit/shapes.ts";

/** A role: a name for a set of permissions, which a person has from the directory or by grant. */
type RoleSpec = {
  key: string;
  name: { en: string; ar: string };
  about: string;
  /** Whatever these roles may do, this one may, too. */
  inherits: readonly string[];
  permissions: readonly string[];
};

/**
 * The roles there are. A permission that no role names belongs to nobody: a new one is refused to everybody until it is placed here.
 * `approver` stands beside another role: who is executive + approver writes nothing, and approves what is put before them.
 */
export const builtInRoles: readonly RoleSpec[] = [
  {
    key: "executive",
    name: { en: "Executive", ar: "قيادي" },
    about: "Reads everything within their clearance, and writes nothing.",
    inherits: [],
    permissions: [
      "action.read",
      "organisation.read",
      "entity.read",
      "signal.read",
      "signal_group.read",
      "signal_view.read",
      "posture.read",
      "person.read",
      "group.read",
      "role.read",
      "agent.read",
      "approval.read",
      "workflow.read",
      "proposal.read",
      "briefing.read",
      "briefing_request.read",
      "contact.read",
      "dispatch.read",
      "dispatch_recipient.read",
      "dispatch_recipient.acknowledge",
      "message_template.read",
    ],
  },
  {
    key: "operational",
    name: { en: "Operational", ar: "تشغيلي" },
    about: "Reads, and does the daily work.",
    inherits: ["executive"],
    permissions: [
      "action.create",
      "action.update",
      "action.start",
      "action.block",
      "action.unblock",
      "action.complete",
      "action.reopen",
      "action.cancel",
      "action.add",
      "action.remove",
      "action.tick",
      "action.watch",
      "action.unwatch",
      "action.verify",
      "signal_feed.read",
      "signal_group.update",
      "signal_view.create",
      "signal_view.update",
      "signal_view.delete",
      "signal_view.share",
      "signal_group.merge",
      "signal_group.split",
      "signal.ingest",
      "signal.acknowledge",
      "signal.dismiss",
      "signal.escalate",
      "signal.snooze",
      "signal.reopen",
      "signal.assign",
      "signal.add_note",
      "signal.add_link",
      "signal.remove_link",
      "signal.assess",
      "signal.settle_review",
      "signal.reclassify",
      "approval.request",
      "approval.withdraw",
      "posture.propose",
      "posture.withdraw",
      "proposal.withdraw",
      "job.read",
      "delegation.create",
      "delegation.end",
      "term.read",
      "briefing.create",
      "briefing.update",
      "briefing.submit",
      "briefing.revise",
      "briefing.distribute",
      "briefing.withdraw",
      "dispatch.estimate",
      "dispatch.create",
      "dispatch.stop",
      "dispatch.raise_cap",
      "message_template.create",
      "message_template.update",
    ],
  },
  {
    key: "approver",
    name: { en: "Approver", ar: "معتمِد" },
    about: "Decides what is put before them. Given beside another role.",
    inherits: [],
    permissions: [
      "approval.read",
      "approval.approve",
      "approval.refuse",
      "action.read",
      "action.verify",
      "posture.read",
      "posture.confirm",
      "posture.reject",
      "erasure.read",
      "erasure.erase",
      "erasure.reject",
      "workflow.read",
      "delegation.create",
      "delegation.end",
      "proposal.read",
      "proposal.approve",
      "proposal.reject",
      "briefing.read",
      "briefing.return",
      "briefing.approve",
      "dispatch_recipient.acknowledge",
    ],
  },
  {
    key: "admin",
    name: { en: "Administrator", ar: "مدير النظام" },
    about: "Looks after people, roles, keys and the organisation itself.",
    inherits: ["operational"],
    permissions: [
      "organisation.update",
      "audit.read",
      "audit.rotate",
      "audit.set_tiles",
      "audit.cosign",
      "audit.add_witness",
      "audit.remove_witness",
      "posture.set_levels",
      "erasure.read",
      "erasure.request",
      "erasure.withdraw",
      "proposal.approve",
      "proposal.reject",
      "signal_feed.create",
      "signal_feed.update",
      "signal_feed.delete",
      "signal_feed.poll",
      "entity.create",
      "entity.update",
      "api_key.read",
      "api_key.create",
      "api_key.rotate",
      "api_key.revoke",
      "program.read",
      "program.create",
      "program.update",
      "program.disable",
      "program.enable",
      "agent.register",
      "agent.update",
      "agent.assign_owner",
      "agent.suspend",
      "agent.resume",
      "agent.retire",
      "person.update",
      "person.set_deputies",
      "person.disable",
      "person.enable",
      "person.grant_role",
      "person.revoke_role",
      "person.set_clearance",
      "group.create",
      "group.update",
      "group.delete",
      "group.add_member",
      "group.remove_member",
      "role.map",
      "role.unmap",
      "session.read",
      "session.revoke",
      "job.read",
      "job.retry",
      "job.drop",
      "dead_letter.read",
      "dead_letter.retry",
      "dead_letter.drop",
      "dead_command.read",
      "dead_command.replay",
      "dead_command.drop",
      "integration.read",
      "integration.open",
      "integration.close",
      "delegation.read",
      "delegation.create_for",
      "term.set",
      "webhook.read",
      "webhook.create",
      "webhook.update",
      "webhook.rotate",
      "webhook.disable",
      "webhook.enable",
      "webhook.delete",
      "webhook.test",
      "webhook.replay",
      "webhook_delivery.read",
      "webhook_delivery.redeliver",
      "message_template.retire",
    ],
  },
  {
    key: "auditor",
    name: { en: "Auditor", ar: "مدقق" },
    about: "Reads everything within their clearance, who may do what included, and changes nothing.",
    inherits: ["executive"],
    permissions: [
      "audit.read",
      "audit.export",
      "erasure.read",
      "api_key.read",
      "program.read",
      "signal_feed.read",
      "session.read",
      "job.read",
      "dead_letter.read",
      "dead_command.read",
      "integration.read",
      "delegation.read",
      "term.read",
      "webhook.read",
      "webhook_delivery.read",
    ],
  },
  {
    key: "agent",
    name: { en: "Agent", ar: "وكيل" },
    about:
      "What a software agent may do by itself: read, report, say that it is looking, assess, note, and propose a posture.",
    inherits: [],
    permissions: [
      "action.read",
      "organisation.read",
      "entity.read",
      "signal.read",
      "posture.read",
      "action.create",
      "action.update",
      "action.add",
      "signal.ingest",
      "signal.acknowledge",
      "signal.assess",
      "signal.add_note",
      "approval.read",
      "approval.request",
      "approval.withdraw",
      "posture.propose",
      "posture.withdraw",
      "workflow.read",
      "proposal.read",
      "proposal.withdraw",
      "briefing.read",
      "briefing.create",
      "briefing.update",
      "briefing.submit",
      "briefing_request.read",
      "dispatch.read",
      "dispatch.estimate",
      "dispatch.create",
      "message_template.read",
    ],
  },
  {
    key: "integration",
    name: { en: "Integration", ar: "تكامل" },
    about: "What another system needs to report and to read what it reported.",
    inherits: [],
    permissions: ["organisation.read", "entity.read", "signal.read", "signal.ingest", "workflow.read"],
  },
];

/** Everything that a role may do, by itself or by those that it inherits, over any number of steps. */
export function permissionsOf(key: string, seen: ReadonlySet<string> = new Set()): string[] {
  const role = builtInRoles.find((one) => one.key === key);
  if (!role || seen.has(key)) return [];
  const inherited = role.inherits.flatMap((other) => permissionsOf(other, new Set([...seen, key])));
  return [...new Set([...role.permissions, ...inherited])].sort();
}

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
