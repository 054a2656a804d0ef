import { z } from "zod";
import { EntryId } from "./audit/entry.ts";
import { erasureProblems } from "./erasures/problems.ts";
import { erasureStates } from "./erasures/values.ts";
import { decidedErasure, exampleErasure as example, exampleEntryId } from "./examples/audit.ts";
import { officerId } from "./examples/people.ts";
import { event, idPayload, movePayload, overdueEvent } from "./kit/event.ts";
import { typeId } from "./kit/ids.ts";
import { movesOutput } from "./kit/moves.ts";
import { capability, router } from "./kit/operation.ts";
import { page, paging } from "./kit/paging.ts";
import { Classification, Instant, line, Version } from "./kit/shapes.ts";
import { leastReason } from "./kit/workflow.ts";

const { id, reason } = example;
const because = line(2000).describe("Why. Kept on record, for ever: it names no person.");
const [granted, refused, settled] = [
  "The law asks for it, as counsel has confirmed.",
  "The law asks to keep these entries.",
  "The request was taken back.",
];

const moved = (about: string, to: (typeof erasureStates)[number], why: string) =>
  event({
    about,
    version: 1,
    permission: "erasure.read",
    payload: movePayload("ers", erasureStates),
    example: { id, from: "requested", to, reason: why },
  });

const { query, command, events } = capability({
  name: "erasures",
  title: "Erasures from the audit log",
  about:
    "What the law wants gone from the audit log. Somebody asks for it, somebody else does it: who did what to which thing stays, and what else the entries told is gone for ever.",
  permissions: {
    "erasure.read": "See what was asked to be erased from the audit log, and what became of it.",
    "erasure.request": "Ask that entries of the audit log are erased.",
    "erasure.erase": "Erase entries of the audit log, where somebody else asked for it.",
    "erasure.reject": "Turn down what was asked to be erased.",
    "erasure.withdraw": "Take back what one asked to be erased.",
  },
  problems: erasureProblems,
  events: {
    "erasure.requested": event({
      about: "Somebody asked that entries of the audit log are erased.",
      version: 1,
      permission: "erasure.read",
      payload: idPayload("ers"),
      example: { id },
    }),
    "erasure.overdue": overdueEvent({
      about: "Nobody has decided in time about what was asked to be erased.",
      permission: "erasure.read",
      kind: "ers",
      states: erasureStates,
      example: { id, state: "requested" },
    }),
    "erasure.erased": moved("Entries of the audit log were erased.", "erased", granted),
    "erasure.rejected": moved("What was asked to be erased stays.", "rejected", refused),
    "erasure.withdrawn": moved("Who asked for an erasure took it back.", "withdrawn", settled),
  },
});
export type ErasureEvents = typeof events;

const ErasureId = typeId("ers");

export const Erasure = z
  .object({
    id: ErasureId,
    personId: typeId("per").nullable().describe("Whose entries; null where the entries themselves were named."),
    from: Instant.nullable().describe("Only of this moment or later."),
    to: Instant.nullable().describe("Only of before this moment."),
    entries: z.int().min(1).max(2000).describe("How many entries: those that there were when it was asked for."),
    entriesSha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .describe(
        "SHA-256 over which ones: what is approved is erased, and nothing else. `erasures.entries` lists them.",
      ),
    reason: z.string().max(2000),
    requestedBy: z.string().max(200),
    decidedBy: z.string().max(200).nullable(),
    decidedAt: Instant.nullable(),
    classification: Classification.describe("Of the highest of its entries."),
    state: z.enum(erasureStates),
    stateReason: z.string().max(2000).nullable(),
    version: Version,
    createdAt: Instant,
    updatedAt: Instant,
  })
  .meta({ id: "Erasure", description: "Entries of the audit log that the law wants gone, and what became of it." });
export type Erasure = z.infer<typeof Erasure>;

const moving = ["erasure_not_found", "erasure_changed", "erasure_wrong_state"] as const;
const move = { id: ErasureId, version: Version };

export const erasures = router({
  list: query({
    rest: "GET /erasures",
    summary: "List what was asked to be erased from the audit log, newest first",
    permission: "erasure.read",
    problems: ["invalid_cursor"],
    input: z.strictObject({ ...paging, state: z.enum(erasureStates).optional() }),
    output: page(Erasure),
    examples: [{ title: "What waits", input: { state: "requested" }, output: { items: [example], nextCursor: null } }],
  }),
  get: query({
    rest: "GET /erasures/{id}",
    summary: "Read one erasure",
    permission: "erasure.read",
    problems: ["erasure_not_found"],
    input: z.strictObject({ id: ErasureId }),
    output: Erasure,
    examples: [{ title: "One erasure", input: { id }, output: example }],
  }),
  entries: query({
    rest: "GET /erasures/{id}/entries",
    summary: "List the entries that an erasure is about",
    permission: "erasure.read",
    problems: ["erasure_not_found", "invalid_cursor"],
    input: z.strictObject({ id: ErasureId, ...paging }),
    output: page(z.object({ entryId: EntryId })),
    examples: [
      {
        title: "The only one",
        input: { id },
        output: { items: [{ entryId: exampleEntryId }], nextCursor: null },
      },
    ],
  }),
  moves: query({
    rest: "GET /erasures/{id}/moves",
    summary: "Say which moves the caller may make now, and for the others why not",
    permission: "erasure.read",
    problems: ["erasure_not_found"],
    input: z.strictObject({ id: ErasureId }),
    output: movesOutput(erasureStates),
    examples: [
      {
        title: "For whoever asked for it",
        input: { id },
        output: {
          items: [
            { event: "erase", to: "erased", allowed: false, why: "four_eyes" },
            { event: "reject", to: "rejected", allowed: false, why: "forbidden" },
            { event: "withdraw", to: "withdrawn", allowed: true, why: null },
          ],
        },
      },
    ],
  }),
  request: command({
    rest: "POST /erasures",
    summary: "Ask that entries of the audit log are erased",
    description:
      "Either the entries themselves, or a person: then it is all entries within the caller's clearance that the person made, that were made for the person, or that are about the person, as they are now. Nothing is erased until somebody else does it.",
    permission: "erasure.request",
    problems: ["erasure_entries_unknown", "erasure_nothing", "erasure_too_large"],
    status: 201,
    location: "/erasures/{id}",
    input: z
      .strictObject({
        entryIds: z.array(EntryId).min(1).max(1000).optional().describe("These entries."),
        personId: typeId("per").optional().describe("Or this person's."),
        from: Instant.optional().describe("Of the person's entries, only those of this moment or later."),
        to: Instant.optional().describe("Of the person's entries, only those of before this moment."),
        reason: because.min(leastReason).describe("Which law, and whose request. Kept for ever: it names no person."),
      })
      .refine((said) => (said.entryIds === undefined) !== (said.personId === undefined), {
        path: ["entryIds"],
        message: "Name either entries or a person.",
      })
      .refine((said) => said.personId !== undefined || (said.from === undefined && said.to === undefined), {
        path: ["from"],
        message: "A time goes with a person only.",
      }),
    output: Erasure,
    examples: [
      { title: "One entry", input: { entryIds: [exampleEntryId], reason }, output: example },
      {
        title: "A person's",
        input: { personId: officerId, reason },
        output: { ...example, personId: officerId, entries: 214 },
      },
    ],
  }),
  erase: command({
    rest: "POST /erasures/{id}/erase",
    summary: "Erase the entries that somebody else asked to be erased",
    description:
      "Session, address, digests, changes, reason, decision, trace and Idempotency-Key of these entries are gone at once and for ever; who did what to which thing, and when, stays, and so does the proof of it.",
    permission: "erasure.erase",
    problems: [...moving, "four_eyes"],
    assurance: { mfa: true, maxAgeSeconds: 300 },
    input: z.strictObject({ ...move, reason: because.min(leastReason) }),
    output: Erasure,
    examples: [
      { title: "It is so", input: { id, version: 1, reason: granted }, output: decidedErasure("erased", granted) },
    ],
  }),
  reject: command({
    rest: "POST /erasures/{id}/reject",
    summary: "Turn down what was asked to be erased",
    permission: "erasure.reject",
    problems: moving,
    input: z.strictObject({ ...move, reason: because }),
    output: Erasure,
    examples: [
      { title: "It stays", input: { id, version: 1, reason: refused }, output: decidedErasure("rejected", refused) },
    ],
  }),
  withdraw: command({
    rest: "POST /erasures/{id}/withdraw",
    summary: "Take back what the caller asked to be erased",
    permission: "erasure.withdraw",
    problems: [...moving, "erasure_not_own"],
    input: z.strictObject({ ...move, reason: because.nullable().default(null) }),
    output: Erasure,
    examples: [
      {
        title: "No longer wanted",
        input: { id, version: 1, reason: settled },
        output: decidedErasure("withdrawn", settled),
      },
    ],
  }),
});
