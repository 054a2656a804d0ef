import { z } from "zod";
import { exampleWebhook } from "../examples/webhooks.ts";
import { event, idPayload, movePayload, overdueEvent } from "../kit/event.ts";
import { typeId } from "../kit/ids.ts";
import { capability } from "../kit/operation.ts";
import { webhookProblems } from "./problems.ts";
import { webhookStates } from "./values.ts";

const { id } = exampleWebhook;
const permission = "webhook.read";
type State = (typeof webhookStates)[number];

const told = (about: string) => event({ about, version: 1, permission, payload: idPayload("whk"), example: { id } });
const moved = (about: string, from: State, to: State, reason: string | null) =>
  event({
    about,
    version: 1,
    permission,
    payload: movePayload("whk", webhookStates),
    example: { id, from, to, reason },
  });

/** What all operations of webhooks share. */
export const { query, command, events } = capability({
  name: "webhooks",
  title: "Webhooks",
  about:
    "Addresses that are told what happens: each event in the envelope of CloudEvents, signed as Standard Webhooks have it, and tried again for a day. A webhook hears what its owner may hear at that moment, and nothing above its own classification.",
  permissions: {
    "webhook.read": "See the webhooks within the caller's clearance, and how they fare; never their secrets.",
    "webhook.create": "Have an address told what the caller may hear.",
    "webhook.update": "Change webhooks, and so own them.",
    "webhook.rotate": "Give webhooks another secret.",
    "webhook.disable": "Switch webhooks off.",
    "webhook.enable": "Switch webhooks on again, also those that the server gave up.",
    "webhook.delete": "Delete webhooks.",
    "webhook.test": "Have a webhook sent something to try it with.",
    "webhook.replay": "Have a webhook told again what happened in a span of time.",
  },
  problems: webhookProblems,
  events: {
    "webhook.created": told("An address is told what happens from now on."),
    "webhook.updated": told("A webhook was changed; it belongs to whoever changed it."),
    "webhook.rotated": told("A webhook was given another secret."),
    "webhook.tested": event({
      about:
        "Somebody tries a webhook. The webhook itself gets it, whatever it asks for and its owner may hear; no other does.",
      version: 1,
      permission,
      payload: z.object({ id: typeId("whk") }),
      example: { id },
    }),
    "webhook.disabled": moved("A webhook was switched off.", "active", "paused", "The desk moves house."),
    "webhook.enabled": moved("A webhook was switched on again.", "failed", "active", null),
    "webhook.failed": moved(
      "The server gave a webhook up: for days it only failed, or it said that it is gone.",
      "active",
      "failed",
      "It answered 410: it is gone.",
    ),
    "webhook.deleted": moved("A webhook was deleted.", "active", "deleted", null),
    "webhook.overdue": overdueEvent({
      about: "Nobody has looked in time after a webhook that the server gave up.",
      permission,
      kind: "whk",
      states: webhookStates,
      example: { id, state: "failed" },
    }),
  },
});
export type WebhookEvents = typeof events;
