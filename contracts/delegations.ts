import { z } from "zod";
import { exampleDelegation as example } from "./examples/delegations.ts";
import { event } from "./kit/event.ts";
import { typeId } from "./kit/ids.ts";
import { capability, router } from "./kit/operation.ts";
import { page, paging } from "./kit/paging.ts";
import { Instant, line, Version } from "./kit/shapes.ts";
import { PersonId } from "./person.ts";

export const DelegationId = typeId("dlg");

/** From its beginning to its end, in days. */
export const longestDelegation = 90;

const payload = z.object({ id: DelegationId, fromId: PersonId, toId: PersonId });
const { id, fromId, toId } = example;
const told = (about: string) =>
  event({ about, version: 1, permission: "delegation.read", payload, example: { id, fromId, toId } });

const { query, command, events } = capability({
  name: "delegations",
  title: "Delegations",
  about:
    "Who may make whose moves for a time. The giver goes on as before. Whoever acts by a delegation acts for its giver, which every audit entry of it says, and can't approve what the giver had a hand in.",
  permissions: {
    "delegation.read": "See everybody's delegations.",
    "delegation.create": "Let somebody else make one's moves for a time.",
    "delegation.create_for": "Make and end delegations for others.",
    "delegation.end": "End delegations that one has given or been given.",
  },
  problems: {
    delegation_not_found: {
      status: 404,
      title: "No such delegation",
      meaning: "There is no delegation with this id, or it is between others, and the caller may not see those.",
      remedy: "Check the id, or list delegations.",
    },
    delegation_others: {
      status: 403,
      title: "Only one's own",
      meaning:
        "The call is about other people's delegations, for which it takes the permission named in `permission`; or the caller would take somebody's moves for themselves, which nobody may.",
      remedy: "Leave out what names others, or ask an administrator.",
    },
    delegation_giver_unknown: {
      status: 422,
      title: "No such giver",
      meaning: "The person who gives does not exist, or is disabled; or none is named, and the caller is no person.",
      remedy: "Name somebody else as `fromId`.",
    },
    delegation_receiver_unknown: {
      status: 422,
      title: "No such receiver",
      meaning: "The person named as `toId` does not exist in this organisation, or is disabled.",
      remedy: "List people.",
    },
    delegation_self: {
      status: 422,
      title: "Not to oneself",
      meaning: "Giver and receiver are the same person.",
      remedy: "Name somebody else as `toId`.",
    },
    delegation_move_unknown: {
      status: 422,
      title: "Not a move",
      meaning:
        "A permission named is not one of a workflow's move, and nothing else can be delegated. `moves` lists them.",
      remedy: "Take permissions of operations that are moves: `signal.acknowledge`.",
    },
    delegation_not_own: {
      status: 422,
      title: "Not the giver's own",
      meaning:
        "The giver doesn't hold a permission named by a role of theirs, or not with this credential. What was delegated can't be delegated on. `moves` lists them.",
      remedy: "Leave them out, or ask who holds them.",
    },
    delegation_entity_unknown: {
      status: 422,
      title: "No such entity",
      meaning: "There is no entity with this id in the organisation.",
      remedy: "List entities.",
    },
    delegation_dates: {
      status: 422,
      title: "Not such a time",
      meaning: `A delegation ends after it begins, in the future, and at most ${longestDelegation} days after its beginning.`,
      remedy: "Choose another `until`.",
    },
    delegation_loop: {
      status: 409,
      title: "It would go round in a circle",
      meaning:
        "The receiver has delegated the same move at the same time to the giver, over however many steps. `delegationId` is the first of them.",
      remedy: "End the other delegation first, or choose another time.",
    },
  },
  events: {
    "delegation.created": told("Somebody lets somebody else make their moves for a time."),
    "delegation.ended": told(
      "A delegation is over: it was ended, its time has come, or its giver can't make its moves any more.",
    ),
  },
});
export type DelegationEvents = typeof events;

const fields = {
  toId: PersonId.describe("Who may make them."),
  moves: z
    .array(
      z
        .string()
        .max(100)
        .regex(/^[a-z_]+\.[a-z_]+$/),
    )
    .min(1)
    .max(50)
    .describe("Permissions of moves: `signal.acknowledge`."),
};
const entityId = typeId("ent").nullable().describe("Only for things of this entity; null: of all.");

export const Delegation = z
  .object({
    id: DelegationId,
    fromId: PersonId.describe("Whose moves they are."),
    ...fields,
    entityId,
    startsAt: Instant,
    until: Instant.describe("From this moment on it is over by itself."),
    reason: line(500),
    endedAt: Instant.nullable().describe(
      "When it was over: earlier than `until` where somebody or something ended it.",
    ),
    createdBy: z.string().max(200).describe("Id of who made it."),
    version: Version,
    createdAt: Instant,
    updatedAt: Instant,
  })
  .meta({ id: "Delegation", description: "Who may make whose moves for a time." });
export type Delegation = z.infer<typeof Delegation>;

export const delegations = router({
  list: query({
    rest: "GET /delegations",
    summary: "List delegations, newest first",
    description: "One's own, whoever one is; everybody's with `whose=all` and the permission `delegation.read`.",
    permission: null,
    problems: ["delegation_others", "invalid_cursor"],
    input: z.strictObject({
      ...paging,
      whose: z
        .enum(["mine", "given", "received", "all"])
        .default("mine")
        .describe("`mine`: those that the caller has given or been given."),
      over: z.boolean().optional().describe("True: only those that are over; false: only the others."),
    }),
    output: page(Delegation),
    examples: [{ title: "Mine", input: {}, output: { items: [example], nextCursor: null } }],
  }),
  get: query({
    rest: "GET /delegations/{id}",
    summary: "Read one delegation",
    description: "One's own, or with the permission `delegation.read` anybody's.",
    permission: null,
    problems: ["delegation_not_found"],
    input: z.strictObject({ id: DelegationId }),
    output: Delegation,
    examples: [{ title: "One delegation", input: { id }, output: example }],
  }),
  create: command({
    rest: "POST /delegations",
    summary: "Let somebody else make one's moves for a time",
    description:
      "It ends by itself: at `until`, or when the giver is disabled or may not make the moves any more. It gives no sight of what the receiver can't see.",
    permission: "delegation.create",
    problems: [
      "delegation_others",
      "delegation_giver_unknown",
      "delegation_receiver_unknown",
      "delegation_self",
      "delegation_move_unknown",
      "delegation_not_own",
      "delegation_entity_unknown",
      "delegation_dates",
      "delegation_loop",
    ],
    status: 201,
    location: "/delegations/{id}",
    agent: "deny",
    mcp: false,
    input: z.strictObject({
      ...fields,
      fromId: PersonId.optional().describe(
        "Whose moves. Without it, the caller's; with somebody else's, it takes `delegation.create_for`.",
      ),
      entityId: entityId.default(null),
      startsAt: Instant.nullable().default(null).describe("Null, or a moment that has passed: now."),
      until: Instant.describe(`At most ${longestDelegation} days after it starts.`),
      reason: line(500),
    }),
    output: Delegation,
    examples: [
      {
        title: "A week of leave",
        input: {
          fromId,
          toId,
          moves: example.moves,
          startsAt: example.startsAt,
          until: example.until,
          reason: example.reason,
        },
        output: example,
      },
    ],
  }),
  end: command({
    rest: "POST /delegations/{id}/end",
    summary: "End a delegation, at once",
    description: "By its giver or its receiver, or for them with `delegation.create_for`.",
    permission: "delegation.end",
    problems: ["delegation_not_found", "delegation_others"],
    anyVersion: true,
    agent: "deny",
    mcp: false,
    input: z.strictObject({ id: DelegationId }),
    output: z.object({ changed: z.boolean().describe("False where it was over already."), delegation: Delegation }),
    examples: [
      {
        title: "Back earlier",
        input: { id },
        output: { changed: true, delegation: { ...example, endedAt: "2031-01-14T04:00:00.000Z", version: 2 } },
      },
    ],
  }),
});
