import { examplePostureId as id } from "../examples/posture.ts";
import { event, idPayload, movePayload, overdueEvent } from "../kit/event.ts";
import { capability } from "../kit/operation.ts";
import { postureProblems } from "./problems.ts";
import { postureStates } from "./values.ts";

const moved = (about: string, to: (typeof postureStates)[number], reason: string | null) =>
  event({
    about,
    version: 1,
    permission: "posture.read",
    payload: movePayload("pos", postureStates),
    example: { id, from: "proposed", to, reason },
  });

/** What all operations of posture share. */
export const { query, command, events } = capability({
  name: "posture",
  title: "Posture",
  about:
    "How alert the organisation and each of its entities are, since when and why. Somebody, or an agent, proposes a change; another person confirms it.",
  permissions: {
    "posture.read": "See the posture and its history, its levels, and what is proposed.",
    "posture.propose": "Propose a change of posture.",
    "posture.confirm": "Confirm a change of posture that somebody else proposed.",
    "posture.reject": "Turn down a proposed change of posture.",
    "posture.withdraw": "Take back one's own proposal, or that of an agent that one answers for.",
    "posture.set_levels": "Say which levels of posture there are, and what they mean.",
  },
  problems: postureProblems,
  events: {
    "posture.proposed": event({
      about: "Somebody proposed a change of posture.",
      version: 1,
      permission: "posture.read",
      payload: idPayload("pos"),
      example: { id },
    }),
    "posture.overdue": overdueEvent({
      about: "Nobody has decided in time about a proposed change of posture.",
      permission: "posture.read",
      kind: "pos",
      states: postureStates,
      example: { id, state: "proposed" },
    }),
    "posture.confirmed": moved("A change of posture was confirmed, and holds.", "confirmed", "Seen from the site."),
    "posture.rejected": moved("A proposed change of posture was turned down.", "rejected", "The storm turned north."),
    "posture.withdrawn": moved("Who proposed a change of posture took it back.", "withdrawn", null),
    "posture.superseded": moved(
      "The posture changed in the meantime, so that a proposed change starts from what no longer holds.",
      "superseded",
      "The posture has changed since.",
    ),
    "posture.levels_set": event({
      about: "The organisation's levels of posture were set. `id` is the organisation's.",
      version: 1,
      permission: "posture.read",
      payload: idPayload("org"),
      example: { id: "org_01kejc8ht0e6ssypg6m30swm9a" },
    }),
  },
});
export type PostureEvents = typeof events;
