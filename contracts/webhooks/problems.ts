import type { ProblemSpec } from "../kit/problems.ts";

/** What can be wrong with a webhook. */
export const webhookProblems = {
  webhook_not_found: {
    status: 404,
    title: "No such webhook",
    meaning:
      "There is no webhook with this id in the caller's organisation, or it was deleted, or it may hear what lies above the caller's clearance.",
    remedy: "Check the id, or list webhooks.",
  },
  webhook_changed: {
    status: 412,
    title: "The webhook has changed since",
    meaning:
      "Somebody changed the webhook after the version that the caller saw. `version` is the one that it has now.",
    remedy: "Read the webhook again, and decide again.",
  },
  webhook_wrong_state: {
    status: 409,
    title: "The webhook has no such move",
    meaning: "It is switched off, switched on or deleted already. `state` says which.",
    remedy: "Ask `webhooks.moves` which moves there are now.",
  },
  webhook_off: {
    status: 409,
    title: "The webhook is switched off",
    meaning: "Nothing is sent to a webhook that somebody switched off, or that the server gave up. `state` says which.",
    remedy: "Switch it on first.",
  },
  webhook_above_clearance: {
    status: 403,
    title: "Above the caller's clearance",
    meaning: "The caller may not have others told what it may not read.",
    remedy: "Take a lower classification, or let somebody do it whose clearance reaches as high.",
  },
  webhook_classification_unknown: {
    status: 422,
    title: "No such classification",
    meaning: "The organisation has no classification level with this key.",
    remedy: "Use one of the levels in `organisations.current`.",
  },
  webhook_entity_unknown: {
    status: 422,
    title: "No such entity",
    meaning: "The entity that the webhook would be told of does not exist in this organisation.",
    remedy: "List entities, or leave `entityId` out.",
  },
  webhook_event_unknown: {
    status: 422,
    title: "No such event",
    meaning: "A type named is no event that leaves the server. `types` lists those.",
    remedy: "Take the names from the catalogue of events.",
  },
  webhook_address_refused: {
    status: 422,
    title: "Not an address to send to",
    meaning:
      "The address is not `https`, or its host is within a private, loopback or link-local network, or another one that nobody outside can reach.",
    remedy: "Take a public address, or ask the server's operators to allow the host.",
  },
  webhook_limit: {
    status: 409,
    title: "Too many webhooks",
    meaning: "The organisation has so many webhooks that there can't be more. `limit` says how many.",
    remedy: "Delete those that nobody needs any more, or have one hear more types.",
  },
  webhook_span_invalid: {
    status: 422,
    title: "Not a span of time",
    meaning: "`from` is not before `to`.",
    remedy: "Name the earlier moment first.",
  },
  webhook_too_many: {
    status: 422,
    title: "Too many events at once",
    meaning: "More than 200 000 events happened in that span.",
    remedy: "Name a shorter span.",
  },
} as const satisfies Record<string, ProblemSpec>;
