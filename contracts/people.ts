import { z } from "zod";
import { peopleEvents } from "./events/people.ts";
import { administratorId, changed, chiefExecutiveId, examplePerson, exampleSession } from "./examples/people.ts";
import { typeId } from "./kit/ids.ts";
import { capability, router } from "./kit/operation.ts";
import { page, paging } from "./kit/paging.ts";
import { Classification, line, Version } from "./kit/shapes.ts";
import { TimeZone } from "./organisations.ts";
import { Language, Period, Person, PersonId, Phone } from "./person.ts";
import { peopleProblems } from "./problems/people.ts";
import { RoleKey } from "./roles.ts";
import { Sessions } from "./sessions.ts";

const { query, command, events } = capability({
  name: "people",
  title: "People",
  about:
    "Who signs in. A person is made by the first sign-in, and is known by the directory and the id there. Name and e-mail address follow the directory at each sign-in, and can't be changed here.",
  permissions: {
    "person.read": "See the organisation's people: names, e-mail addresses, telephones, roles and clearances.",
    "person.update": "Change a person's Arabic name, telephone, time zone, language, entity and manager.",
    "person.set_deputies": "Say who stands in for a person, and when.",
    "person.disable": "Shut a person out.",
    "person.enable": "Let a person in again.",
    "person.grant_role": "Give people roles, never oneself.",
    "person.revoke_role": "Take back roles that were given here, never one's own.",
    "person.set_clearance": "Set people's clearances up to one's own, never one's own.",
    "session.read": "See where people are signed in.",
    "session.revoke": "Sign people out.",
  },
  problems: peopleProblems,
  events: peopleEvents,
});
export type PeopleEvents = typeof events;

const Receipt = z.object({ changed: z.boolean().describe("False where it was so already."), person: Person });
const proof = { mfa: true, maxAgeSeconds: 300 } as const;
const reason = line(2000).min(10).describe("Why. Kept in the audit log.");
const { id, version } = examplePerson;

export const people = router({
  list: query({
    rest: "GET /people",
    summary: "List people, by name",
    permission: "person.read",
    problems: ["invalid_cursor"],
    input: z.strictObject({
      ...paging,
      entityId: typeId("ent").optional().describe("Only those of this entity itself."),
      role: RoleKey.optional().describe("Only those who have this role themselves, inherited ones left out."),
      disabled: z.boolean().optional().describe("Only those who are shut out, or only those who are not."),
      q: line(200).optional().describe("Only those whose English or Arabic name begins with this, whatever the case."),
    }),
    output: page(Person),
    examples: [{ title: "By name", input: { q: "lay" }, output: { items: [examplePerson], nextCursor: null } }],
  }),
  get: query({
    rest: "GET /people/{id}",
    summary: "Read one person",
    permission: "person.read",
    problems: ["person_not_found"],
    input: z.strictObject({ id: PersonId }),
    output: Person,
    examples: [{ title: "One person", input: { id }, output: examplePerson }],
  }),
  update: command({
    rest: "PATCH /people/{id}",
    summary: "Change what the directory doesn't say of a person",
    description: "The e-mail address and the English name come from the directory, and are not changed here.",
    permission: "person.update",
    problems: [
      "person_not_found",
      "person_changed",
      "person_phone_invalid",
      "person_entity_unknown",
      "person_manager_unknown",
      "person_manager_cycle",
    ],
    mcp: false,
    input: z.strictObject({
      id: PersonId,
      version: Version,
      nameAr: line(200).nullable().optional().describe("The name in Arabic."),
      phone: Phone.nullable().optional(),
      timeZone: TimeZone.nullable().optional(),
      language: Language.nullable().optional(),
      entityId: typeId("ent").nullable().optional(),
      managerId: PersonId.nullable().optional().describe("Never, over any number of steps, the person."),
    }),
    output: Person,
    examples: [
      {
        title: "Another telephone",
        input: { id, version, phone: "+12025550109" },
        output: changed({ phone: "+12025550109" }),
      },
    ],
  }),
  setDeputies: command({
    rest: "POST /people/{id}/set-deputies",
    summary: "Say who stands in for a person, and when",
    description: "The list takes the place of the one before. Days are days in the organisation's time zone.",
    permission: "person.set_deputies",
    problems: [
      "person_not_found",
      "person_changed",
      "person_deputy_unknown",
      "person_deputy_self",
      "person_deputy_overlap",
    ],
    mcp: false,
    input: z.strictObject({
      id: PersonId,
      version: Version,
      deputies: z
        .array(
          z.strictObject(Period).refine(({ fromDay, toDay }) => fromDay <= toDay, {
            message: "Must not end before it begins.",
            path: ["toDay"],
          }),
        )
        .max(100),
    }),
    output: Person,
    examples: [
      {
        title: "A week away",
        input: { id, version, deputies: [{ personId: chiefExecutiveId, fromDay: "2026-02-02", toDay: "2026-02-06" }] },
        output: changed({ deputies: [{ personId: chiefExecutiveId, fromDay: "2026-02-02", toDay: "2026-02-06" }] }),
      },
    ],
  }),
  disable: command({
    rest: "POST /people/{id}/disable",
    summary: "Shut a person out, at once",
    description:
      "Ends all sessions of the person. Whatever the directory says, there is no sign-in until somebody enables the person.",
    permission: "person.disable",
    problems: ["person_not_found", "person_own_access", "person_last_admin"],
    anyVersion: true,
    mcp: false,
    input: z.strictObject({ id: PersonId, reason }),
    output: Receipt,
    examples: [
      {
        title: "Somebody has left",
        input: { id, reason: "Left the company on 5 January." },
        output: { changed: true, person: changed({ disabledAt: "2026-01-06T04:00:00.000Z" }) },
      },
    ],
  }),
  enable: command({
    rest: "POST /people/{id}/enable",
    summary: "Let a person in again",
    permission: "person.enable",
    problems: ["person_not_found", "person_own_access"],
    anyVersion: true,
    mcp: false,
    input: z.strictObject({ id: PersonId }),
    output: Receipt,
    examples: [{ title: "Back again", input: { id }, output: { changed: true, person: changed({}) } }],
  }),
  grantRole: command({
    rest: "POST /people/{id}/grant-role",
    summary: "Give a person a role, at once",
    permission: "person.grant_role",
    problems: ["person_not_found", "person_own_access", "person_role_unknown"],
    anyVersion: true,
    assurance: proof,
    mcp: false,
    input: z.strictObject({ id: PersonId, role: RoleKey }),
    output: Receipt,
    examples: [
      {
        title: "An auditor",
        input: { id, role: "auditor" },
        output: {
          changed: true,
          person: changed({
            roles: [
              ...examplePerson.roles,
              { role: "auditor", source: "granted", grantedBy: administratorId, grantedAt: "2026-01-06T04:00:00.000Z" },
            ],
          }),
        },
      },
    ],
  }),
  revokeRole: command({
    rest: "POST /people/{id}/revoke-role",
    summary: "Take back a role that was given here, at once",
    description: "A role that the person has from the directory is taken back there.",
    permission: "person.revoke_role",
    problems: ["person_not_found", "person_own_access", "person_last_admin", "person_role_from_directory"],
    anyVersion: true,
    assurance: proof,
    mcp: false,
    input: z.strictObject({ id: PersonId, role: RoleKey }),
    output: Receipt,
    examples: [
      {
        title: "No approver any more",
        input: { id, role: "approver" },
        output: { changed: true, person: changed({ roles: examplePerson.roles.slice(0, 1) }) },
      },
    ],
  }),
  setClearance: command({
    rest: "POST /people/{id}/set-clearance",
    summary: "Set the highest classification that exists for a person, at once",
    permission: "person.set_clearance",
    problems: [
      "person_not_found",
      "person_own_access",
      "person_clearance_exceeds",
      "person_changed",
      "person_clearance_unknown",
    ],
    assurance: proof,
    mcp: false,
    input: z.strictObject({
      id: PersonId,
      version: Version,
      clearance: Classification.describe("At most the caller's own."),
    }),
    output: Person,
    examples: [
      {
        title: "Secret",
        input: { id, version, clearance: "secret" },
        output: changed({ clearance: "secret" }),
      },
    ],
  }),
  sessions: query({
    rest: "GET /people/{id}/sessions",
    summary: "List where a person is signed in, newest first",
    permission: "session.read",
    problems: ["person_not_found"],
    input: z.strictObject({ id: PersonId }),
    output: Sessions,
    examples: [{ title: "One browser", input: { id }, output: { items: [{ ...exampleSession, current: false }] } }],
  }),
  signOut: command({
    rest: "POST /people/{id}/sign-out",
    summary: "End all sessions of a person, at once",
    description: "The person may sign in again; `people.disable` keeps them out.",
    permission: "session.revoke",
    problems: ["person_not_found"],
    anyVersion: true,
    mcp: false,
    input: z.strictObject({ id: PersonId }),
    output: z.object({
      changed: z.boolean().describe("False where there was none to end."),
      ended: z.int().min(0).max(100).describe("How many have ended."),
    }),
    examples: [{ title: "Everywhere", input: { id }, output: { changed: true, ended: 2 } }],
  }),
});
