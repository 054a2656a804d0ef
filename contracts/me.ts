import { z } from "zod";
import { changed, examplePerson, exampleSession } from "./examples/people.ts";
import { exampleAgent } from "./examples/programs.ts";
import { capability, router } from "./kit/operation.ts";
import { page, paging } from "./kit/paging.ts";
import { Classification, Instant, Name, Version } from "./kit/shapes.ts";
import { Settings } from "./organisations/settings.ts";
import { Organisation, TimeZone } from "./organisations.ts";
import { Language, Person, PersonId, Phone } from "./person.ts";
import { RoleKey } from "./roles.ts";
import { Session } from "./sessions.ts";

const { query, command } = capability({
  name: "me",
  title: "The caller",
  about: "Who is calling, for which organisation, and what they may do. The first thing that a portal asks.",
  permissions: {},
  problems: {
    me_person_only: {
      status: 403,
      title: "Only a person has this",
      meaning: "The caller is a key, which has no language, time zone or telephone.",
      remedy: "Let a signed-in person do it.",
    },
    me_changed: {
      status: 412,
      title: "The caller has changed since",
      meaning:
        "Somebody changed the person after the version that the caller saw, or the person signed in again. `version` is the one that it has now.",
      remedy: "Read it again, and decide again.",
    },
    me_phone_invalid: {
      status: 422,
      title: "Not a telephone number",
      meaning: "No country gives out numbers of this form.",
      remedy: "Send the number in full, for example +971501234567.",
    },
  },
});

export const Me = z
  .object({
    actor: z.object({
      id: z
        .string()
        .max(100)
        .describe("`per_…` of a person, `key_…` of a key, `agt_…` of an agent, `prg_…` of a program."),
      kind: z.enum(["user", "agent", "client", "system"]),
      name: Name,
    }),
    person: Person.nullable().describe("Null where the caller is no person."),
    roles: z.array(RoleKey).max(100).describe("Inherited ones included. A key has permissions, and no roles."),
    permissions: z.array(z.string().max(100)).max(500),
    clearance: Classification,
    onBehalfOf: z
      .string()
      .max(100)
      .nullable()
      .describe("For whom an agent acts: what both of them may is what it may."),
    tenant: z
      .object({
        id: Organisation.shape.id,
        slug: Organisation.shape.slug,
        name: Name,
        timeZone: TimeZone,
        classifications: Settings.shape.classifications,
        languages: Settings.shape.languages,
      })
      .describe("The organisation that the call is for."),
    session: z
      .object({ id: Session.shape.id, openedAt: Instant, endsAt: Instant, provenAt: Session.shape.provenAt })
      .nullable()
      .describe("Null where the caller is no person, or came with a token."),
  })
  .meta({ id: "Me", description: "The caller, and what they may do." });
export type Me = z.infer<typeof Me>;

export const WaitingItem = z
  .object({
    machine: z.string().max(40).describe("The thing's workflow: `agent`."),
    resourceId: z.string().max(40).describe("The thing's id."),
    state: z.string().max(40),
    since: Instant.describe("Since when it has been in this state."),
    dueAt: Instant.nullable().describe("By when somebody should act; null: whenever."),
    overdue: z.boolean(),
    via: z
      .enum(["you", "permission", "group", "delegation", "deputy"])
      .describe(
        "Why the caller sees it: it waits for them; for whoever holds a permission of theirs; for a group that they are in; for somebody who has delegated it to them; or for somebody whose deputy they are, and a second term has passed.",
      ),
    fromId: PersonId.nullable().describe("Who has delegated it, or whose deputy the caller is."),
  })
  .meta({ id: "WaitingItem", description: "A thing that waits for somebody to act." });
export type WaitingItem = z.infer<typeof WaitingItem>;

const exampleWaiting = {
  machine: "agent",
  resourceId: exampleAgent.id,
  state: "suspended",
  since: "2026-01-05T04:00:00.000Z",
  dueAt: "2026-01-12T20:00:00.000Z",
  overdue: false,
  via: "permission",
  fromId: null,
} as const;

const example = {
  actor: { id: examplePerson.id, kind: "user", name: examplePerson.name },
  person: examplePerson,
  roles: ["approver", "executive", "operational"],
  permissions: ["entity.read", "organisation.read", "posture.read", "signal.acknowledge", "signal.read"],
  clearance: examplePerson.clearance,
  onBehalfOf: null,
  tenant: {
    id: "org_01kejc8ht0e6ssypg6m30swm9a",
    slug: "rimal",
    name: { en: "Rimal Holding", ar: "رمال القابضة" },
    timeZone: "Asia/Dubai",
    classifications: [
      { key: "public", name: { en: "Public", ar: "عام" } },
      { key: "internal", name: { en: "Internal", ar: "داخلي" } },
      { key: "confidential", name: { en: "Confidential", ar: "سري" } },
      { key: "secret", name: { en: "Secret", ar: "سري للغاية" } },
    ],
    languages: ["en", "ar"],
  },
  session: {
    id: exampleSession.id,
    openedAt: exampleSession.openedAt,
    endsAt: exampleSession.endsAt,
    provenAt: exampleSession.provenAt,
  },
};

export const me = router({
  get: query({
    rest: "GET /me",
    summary: "Say who is calling, for which organisation, and what they may do",
    permission: null,
    input: z.strictObject({}),
    output: Me,
    examples: [{ title: "A person who is signed in", input: {}, output: example }],
  }),
  waiting: query({
    rest: "GET /me/waiting",
    summary: "List what waits for the caller to act, what has waited longest first",
    description:
      "A thing leaves the list when somebody has moved it on. Things above the caller's clearance are not there.",
    permission: null,
    problems: ["invalid_cursor"],
    input: z.strictObject({
      ...paging,
      overdue: z.boolean().optional().describe("Only what is overdue, or what isn't."),
    }),
    output: page(WaitingItem),
    examples: [{ title: "All", input: {}, output: { items: [exampleWaiting], nextCursor: null } }],
  }),
  update: command({
    rest: "PATCH /me",
    summary: "Change one's own language, time zone or telephone",
    description: "Name and e-mail address come from the directory; the rest is an administrator's to change.",
    permission: null,
    problems: ["me_person_only", "me_changed", "me_phone_invalid"],
    mcp: false,
    input: z.strictObject({
      version: Version,
      language: Language.nullable().optional().describe("Null: the organisation's first one."),
      timeZone: TimeZone.nullable().optional().describe("Null: the organisation's."),
      phone: Phone.nullable().optional(),
    }),
    output: Person,
    examples: [
      {
        title: "Arabic from now on",
        input: { version: examplePerson.version, language: "ar" },
        output: changed({ language: "ar" }),
      },
    ],
  }),
});
