import { z } from "zod";
import { exampleWebhook as example, exampleDelivery } from "./examples/webhooks.ts";
import { typeId } from "./kit/ids.ts";
import { movesOutput } from "./kit/moves.ts";
import { router } from "./kit/operation.ts";
import { page, paging } from "./kit/paging.ts";
import { Instant, line, Version } from "./kit/shapes.ts";
import { command, query } from "./webhooks/capability.ts";
import { webhookStates } from "./webhooks/values.ts";
import { fields, NewWebhook, Webhook, WebhookId } from "./webhooks/webhook.ts";

export type { WebhookEvents } from "./webhooks/capability.ts";
export type { Webhook } from "./webhooks/webhook.ts";

const { id, name, url, classification } = example;
const types = [...example.types];
const shown = { ...example, types };
const after = (change: object) => ({ ...shown, ...change, version: 2, updatedAt: "2026-01-06T04:00:00.000Z" });
const secretExample = "whsec_RVhBTVBMRWV4YW1wbGVFWEFNUExFZXhhbXBsZTEyMzQ=";
const reason = line(2000).nullable().default(null).describe("Why. Kept on record.");
const changing = ["webhook_not_found", "webhook_changed"] as const;
const moving = [...changing, "webhook_wrong_state"] as const;
const placing = [
  "webhook_above_clearance",
  "webhook_classification_unknown",
  "webhook_entity_unknown",
  "webhook_event_unknown",
  "webhook_address_refused",
] as const;
const moved = z.strictObject({ id: WebhookId, version: Version, reason });

export const webhooks = router({
  list: query({
    rest: "GET /webhooks",
    summary: "List webhooks, newest first",
    permission: "webhook.read",
    problems: ["invalid_cursor"],
    agent: "deny",
    mcp: false,
    input: z.strictObject({ ...paging, state: z.enum(["active", "paused", "failed"]).optional() }),
    output: page(Webhook),
    examples: [{ title: "All", input: {}, output: { items: [shown], nextCursor: null } }],
  }),
  get: query({
    rest: "GET /webhooks/{id}",
    summary: "Read one webhook, and how it fares",
    permission: "webhook.read",
    problems: ["webhook_not_found"],
    // How it fares changes without a new version: an ETag would say that nothing has.
    etag: false,
    agent: "deny",
    mcp: false,
    input: z.strictObject({ id: WebhookId }),
    output: Webhook,
    examples: [{ title: "One", input: { id }, output: shown }],
  }),
  moves: query({
    rest: "GET /webhooks/{id}/moves",
    summary: "Say which moves the caller may make now, and for the others why not",
    permission: "webhook.read",
    problems: ["webhook_not_found"],
    agent: "deny",
    mcp: false,
    input: z.strictObject({ id: WebhookId }),
    output: movesOutput(webhookStates),
    examples: [
      {
        title: "Of one that is switched on",
        input: { id },
        output: {
          items: [
            { event: "disable", to: "paused", allowed: true, why: null },
            { event: "enable", to: null, allowed: false, why: "webhook_wrong_state" },
            { event: "delete", to: "deleted", allowed: true, why: null },
          ],
        },
      },
    ],
  }),
  create: command({
    rest: "POST /webhooks",
    summary: "Have an address told what the caller may hear",
    description:
      "From now on. The secret, by which the receiver checks signatures, is shown this once. Addresses that nobody outside can reach are refused, here and again at each delivery. An organisation has 1 000 webhooks at most.",
    permission: "webhook.create",
    problems: [...placing, "webhook_limit"],
    status: 201,
    location: "/webhooks/{id}",
    etag: false,
    mcp: false,
    input: z.strictObject({ ...fields, types: fields.types.default(null), entityId: fields.entityId.default(null) }),
    output: NewWebhook,
    examples: [
      {
        title: "A duty desk",
        input: { name, url, types, classification },
        output: { ...shown, secret: secretExample },
      },
    ],
  }),
  update: command({
    rest: "PATCH /webhooks/{id}",
    summary: "Change a webhook, and own it from now on",
    description:
      "What is absent stays. It hears what the caller may hear from now on, and no longer what its owner before could.",
    permission: "webhook.update",
    problems: [...changing, ...placing],
    etag: false,
    mcp: false,
    input: z.strictObject({ ...z.strictObject(fields).partial().shape, id: WebhookId, version: Version }),
    output: Webhook,
    examples: [
      {
        title: "Everything",
        input: { id, version: 1, types: null },
        output: after({ types: null }),
      },
    ],
  }),
  rotate: command({
    rest: "POST /webhooks/{id}/rotate",
    summary: "Give a webhook another secret",
    description:
      "For a while it is signed with both, so that no delivery is refused while the receiver gets the new one. The secret is shown this once.",
    permission: "webhook.rotate",
    problems: changing,
    etag: false,
    mcp: false,
    input: z.strictObject({
      id: WebhookId,
      version: Version,
      graceHours: z.int().min(0).max(168).default(24).describe("How long both sign. 0: the new one alone, at once."),
    }),
    output: NewWebhook,
    examples: [
      {
        title: "With a day to change over",
        input: { id, version: 1 },
        output: {
          ...after({ rotatedAt: "2026-01-06T04:00:00.000Z", graceEndsAt: "2026-01-07T04:00:00.000Z" }),
          secret: secretExample,
        },
      },
    ],
  }),
  disable: command({
    rest: "POST /webhooks/{id}/disable",
    summary: "Switch a webhook off",
    description: "What waits for it is not sent. `webhooks.replay` brings what happened meanwhile.",
    permission: "webhook.disable",
    problems: moving,
    etag: false,
    mcp: false,
    input: moved,
    output: Webhook,
    examples: [{ title: "For now", input: { id, version: 1 }, output: after({ state: "paused" }) }],
  }),
  enable: command({
    rest: "POST /webhooks/{id}/enable",
    summary: "Switch a webhook on again",
    permission: "webhook.enable",
    problems: moving,
    etag: false,
    mcp: false,
    input: moved,
    output: Webhook,
    examples: [{ title: "It is back", input: { id, version: 1 }, output: after({}) }],
  }),
  delete: command({
    rest: "POST /webhooks/{id}/delete",
    summary: "Delete a webhook, for good",
    description: "What waits for it is not sent. Answers with what it was.",
    permission: "webhook.delete",
    problems: moving,
    etag: false,
    mcp: false,
    input: moved,
    output: Webhook,
    examples: [{ title: "Delete", input: { id, version: 1 }, output: after({ state: "deleted" }) }],
  }),
  test: command({
    rest: "POST /webhooks/{id}/test",
    summary: "Have a webhook sent something to try it with",
    description: "An event `webhook.tested`, as any other is sent. Watch it at `Location`.",
    permission: "webhook.test",
    problems: ["webhook_not_found", "webhook_off"],
    status: 202,
    location: "/webhook-deliveries/{deliveryId}",
    anyVersion: true,
    mcp: false,
    input: z.strictObject({ id: WebhookId }),
    output: z.object({ deliveryId: typeId("whd"), eventId: typeId("evt") }),
    examples: [
      { title: "Try it", input: { id }, output: { deliveryId: exampleDelivery.id, eventId: exampleDelivery.eventId } },
    ],
  }),
  replay: command({
    rest: "POST /webhooks/{id}/replay",
    summary: "Have a webhook told again what happened in a span of time",
    description:
      "All that it asks for and may hear now, whether it was sent before or not: same ids, same bytes. A job brings it on its way; it waits behind what happens meanwhile. Events are kept for 30 days.",
    permission: "webhook.replay",
    problems: ["webhook_not_found", "webhook_off", "webhook_span_invalid", "webhook_too_many"],
    rate: "heavy",
    status: 202,
    location: "/jobs/{jobId}",
    anyVersion: true,
    mcp: false,
    input: z.strictObject({ id: WebhookId, from: Instant, to: Instant.describe("Not included.") }),
    output: z.object({
      jobId: typeId("job"),
      total: z.int().min(0).max(200_000).describe("How many events happened in that span, whether for it or not."),
    }),
    examples: [
      {
        title: "The night that it was away",
        input: { id, from: "2026-01-05T18:00:00.000Z", to: "2026-01-06T04:00:00.000Z" },
        output: { jobId: "job_01kejc8ht0e6ssypg6m30swm9j", total: 214 },
      },
    ],
  }),
});
