import { z } from "zod";
import { briefingRequestStates } from "./briefings/values.ts";
import { exampleRequest as example, briefingRequestId as id } from "./examples/briefings.ts";
import { event, movePayload, overdueEvent } from "./kit/event.ts";
import { typeId } from "./kit/ids.ts";
import { capability, router } from "./kit/operation.ts";
import { page, paging } from "./kit/paging.ts";
import { Classification, Day, Instant, Version } from "./kit/shapes.ts";

const RequestId = typeId("brq");
const permission = "briefing.create";
type State = (typeof briefingRequestStates)[number];
const moved = (about: string, to: State) =>
  event({
    ...{ about, version: 1, permission },
    payload: movePayload("brq", briefingRequestStates),
    example: { id, from: "requested", to, reason: null },
  });
const window = {
  from: Instant.describe(
    "From here on signals have not been briefed on: where the last window ended, or a day before.",
  ),
  to: Instant.describe("Up to here."),
};
const agentId = typeId("agt").nullable().describe("The agent that is to draft it; null: a person is asked at once.");

const { query, events } = capability({
  name: "briefingRequests",
  title: "Requests for briefings",
  about:
    "How the day starts by itself: at the organisation's hour a briefing is requested of the drafting agent, with the window of signals that it is about. Where no draft came within an hour, or it was taken back, a person is asked.",
  permissions: { "briefing_request.read": "See for which days a briefing was requested, and what came of it." },
  problems: {
    briefing_request_not_found: {
      status: 404,
      title: "No such request",
      meaning: "There is no request with this id in the caller's organisation.",
      remedy: "List requests.",
    },
    briefing_request_wrong_state: {
      status: 409,
      title: "The request's state has no such move",
      meaning: "The request is in a state from which this move does not exist. `state` says which.",
      remedy: "Nothing is to be done: the server moves requests by itself.",
    },
    briefing_request_changed: {
      status: 412,
      title: "The request has changed since",
      meaning: "The request has moved on. `version` is the one that it has now.",
      remedy: "Read it again.",
    },
  },
  events: {
    "briefing_request.requested": event({
      ...{ about: "The day has started: a briefing is to be drafted.", version: 1, permission },
      payload: z.object({ id: RequestId, day: Day, ...window, agentId }),
      example: { id, day: example.day, from: example.from, to: example.to, agentId: example.agentId },
    }),
    "briefing_request.asked": moved(
      "No draft came in time, or the one that came was taken back: a person is to write the day's briefing.",
      "asked",
    ),
    "briefing_request.answered": moved("The requested briefing has been drafted.", "answered"),
    "briefing_request.lapsed": moved("The day is over, and nobody drafted its briefing.", "lapsed"),
    "briefing_request.overdue": overdueEvent({
      ...{ about: "Nobody has drafted the day's briefing in time.", permission },
      ...{ kind: "brq", states: briefingRequestStates, example: { id, state: "asked" } },
    }),
  },
});
export type BriefingRequestEvents = typeof events;

export const BriefingRequest = z
  .object({
    ...{ id: RequestId, day: Day, ...window, agentId },
    askAt: Instant.describe("When a person is asked, where no draft came."),
    classification: Classification.describe("The lowest level: that a day starts is no secret."),
    state: z.enum(briefingRequestStates),
    stateReason: z.string().max(2000).nullable(),
    version: Version,
    createdAt: Instant,
    updatedAt: Instant,
  })
  .meta({ id: "BriefingRequest", description: "That a day's briefing is wanted, and what came of it." });
export type BriefingRequest = z.infer<typeof BriefingRequest>;

export const briefingRequests = router({
  list: query({
    rest: "GET /briefing-requests",
    summary: "List for which days a briefing was requested, the latest first",
    permission: "briefing_request.read",
    problems: ["invalid_cursor"],
    input: z.strictObject({ ...paging, state: z.enum(briefingRequestStates).optional() }),
    output: page(BriefingRequest),
    examples: [{ title: "Open ones", input: { state: "requested" }, output: { items: [example], nextCursor: null } }],
  }),
  get: query({
    rest: "GET /briefing-requests/{id}",
    summary: "Read one request for a briefing",
    permission: "briefing_request.read",
    problems: ["briefing_request_not_found"],
    input: z.strictObject({ id: RequestId }),
    output: BriefingRequest,
    examples: [{ title: "One", input: { id }, output: example }],
  }),
});
