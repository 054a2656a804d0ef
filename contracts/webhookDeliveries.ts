import { z } from "zod";
import { exampleDelivery } from "./examples/webhooks.ts";
import { event } from "./kit/event.ts";
import { typeId } from "./kit/ids.ts";
import { capability, router } from "./kit/operation.ts";
import { page, paging } from "./kit/paging.ts";
import { Classification, Instant } from "./kit/shapes.ts";
import { deliveryErrors, deliveryStates } from "./webhooks/values.ts";

const example = { ...exampleDelivery, attempts: exampleDelivery.attempts.map((one) => ({ ...one })) };
const { id, webhookId } = example;

const { query, command, events } = capability({
  name: "webhookDeliveries",
  title: "Webhook deliveries",
  about: "What was sent to webhooks, and what became of it. Kept for 30 days. What an event says is not shown here.",
  permissions: {
    "webhook_delivery.read": "See what was sent to webhooks, within the caller's clearance.",
    "webhook_delivery.redeliver": "Have something sent to a webhook once more.",
  },
  problems: {
    webhook_delivery_not_found: {
      status: 404,
      title: "No such delivery",
      meaning:
        "There is no delivery with this id in the caller's organisation and within the caller's clearance, or it is kept no longer.",
      remedy: "Check the id, or list the webhook's deliveries.",
    },
    webhook_delivery_off: {
      status: 409,
      title: "The webhook is switched off",
      meaning: "Nothing is sent to a webhook that is switched off, given up or deleted. `state` says which.",
      remedy: "Switch the webhook on first.",
    },
  },
  events: {
    "webhook_delivery.redelivered": event({
      about: "Somebody has an event sent to a webhook once more.",
      version: 1,
      permission: "webhook_delivery.read",
      payload: z.object({ id: typeId("whd"), webhookId: typeId("whk") }),
      example: { id, webhookId },
    }),
  },
});
export type WebhookDeliveryEvents = typeof events;

export const WebhookDelivery = z
  .object({
    id: typeId("whd"),
    webhookId: typeId("whk"),
    eventId: typeId("evt").describe("The same for each attempt and each replay: the header `webhook-id`."),
    event: z.string().max(200).describe("The event's name: `signal.escalated`."),
    classification: Classification.nullable().describe("Level of what it happened to; null: it has none."),
    state: z.enum(deliveryStates),
    error: z
      .enum(deliveryErrors)
      .nullable()
      .describe("Why the last attempt came to nothing, or why none was made. Never what the other side said."),
    attempts: z
      .array(
        z.object({
          at: Instant,
          status: z.int().min(100).max(999).nullable().describe("HTTP status of the answer; null: there was none."),
          error: z.enum(deliveryErrors).nullable().describe("Null: it was taken."),
          durationMs: z.int().min(0).max(2_147_483_647),
        }),
      )
      .max(20)
      .describe("The last 20, oldest first."),
    nextAt: Instant.nullable().describe("When it is tried next, at the earliest; null: not at all."),
    replay: z.boolean().describe("Part of a replay: it waits behind what happens now."),
    occurredAt: Instant.describe("When the event happened."),
    createdAt: Instant,
    finishedAt: Instant.nullable().describe("When it was delivered, given up or silenced."),
  })
  .meta({ id: "WebhookDelivery", description: "An event on its way to a webhook, without what it says." });
export type WebhookDelivery = z.infer<typeof WebhookDelivery>;

const waiting = { ...example, state: "waiting", nextAt: "2026-01-07T05:00:00.000Z", finishedAt: null } as const;

export const webhookDeliveries = router({
  list: query({
    rest: "GET /webhook-deliveries",
    summary: "List what was sent to a webhook, newest first",
    permission: "webhook_delivery.read",
    problems: ["invalid_cursor"],
    agent: "deny",
    mcp: false,
    input: z.strictObject({
      ...paging,
      webhookId: typeId("whk").describe("Of this webhook."),
      state: z.enum(deliveryStates).optional(),
    }),
    output: page(WebhookDelivery),
    examples: [
      {
        title: "Those that were given up",
        input: { webhookId, state: "failed" },
        output: { items: [example], nextCursor: null },
      },
    ],
  }),
  get: query({
    rest: "GET /webhook-deliveries/{id}",
    summary: "Read one delivery, with its attempts",
    permission: "webhook_delivery.read",
    problems: ["webhook_delivery_not_found"],
    agent: "deny",
    mcp: false,
    input: z.strictObject({ id: typeId("whd") }),
    output: WebhookDelivery,
    examples: [{ title: "One that is tried again", input: { id }, output: waiting }],
  }),
  redeliver: command({
    rest: "POST /webhook-deliveries/{id}/redeliver",
    summary: "Have something sent to a webhook once more, as soon as possible",
    description:
      "The same id and the same bytes; it is tried again for a day, as at first. One that waits is tried at once.",
    permission: "webhook_delivery.redeliver",
    problems: ["webhook_delivery_not_found", "webhook_delivery_off"],
    status: 202,
    anyVersion: true,
    mcp: false,
    input: z.strictObject({ id: typeId("whd") }),
    output: WebhookDelivery,
    examples: [
      {
        title: "Once more",
        input: { id },
        output: waiting,
      },
    ],
  }),
});
