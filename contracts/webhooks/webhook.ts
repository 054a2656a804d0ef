import { z } from "zod";
import { typeId } from "../kit/ids.ts";
import { Classification, Instant, line, secret, Version } from "../kit/shapes.ts";
import { webhookStates } from "./values.ts";

export const WebhookId = typeId("whk");

const hosts = /^https:\/\/[^/?#@]+([/?]|$)|^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?([/?]|$)/i;
const address = z
  .url()
  .max(2000)
  .refine(
    (text) => hosts.test(text) && !/[#\s]/.test(text),
    "Must be https, without a name or password in it, without a fragment, and without white space.",
  )
  .describe("Where it is told, by POST. Keep secrets out of it: who sees the webhook sees it.");
const EventType = z
  .string()
  .max(100)
  .regex(/^[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*$/)
  .meta({ description: "Name of an event.", example: "signal.escalated" });

/** What of a webhook callers say. */
export const fields = {
  name: line(200),
  url: address,
  types: z.array(EventType).min(1).max(100).nullable().describe("Only these events; null: all that it may hear."),
  entityId: typeId("ent").nullable().describe("Only what concerns this entity, or one below it; null: everything."),
  classification: Classification.describe("It hears nothing above this level, whoever owns it."),
};

export const Webhook = z
  .object({
    id: WebhookId,
    ...fields,
    url: z.string().max(2000),
    ownerId: z
      .string()
      .max(200)
      .describe(
        "Id of who made or last changed it. It hears what they may hear at that moment, and nothing once they are shut out.",
      ),
    state: z.enum(webhookStates),
    stateReason: z.string().max(2000).nullable(),
    rotatedAt: Instant.nullable().describe("When it was last given another secret."),
    graceEndsAt: Instant.nullable().describe("Until when it is signed with the secret before that, too."),
    failures: z.int().min(0).max(2_147_483_647).describe("How many attempts failed since one was last good."),
    failingSince: Instant.nullable().describe("When the first of them failed; null: all is well."),
    lastDeliveredAt: Instant.nullable().describe("When it last took an event. To the minute."),
    version: Version,
    createdAt: Instant,
    updatedAt: Instant.describe("When somebody changed it. How it fares is no change of it."),
  })
  .meta({ id: "Webhook", description: "An address that is told what happens, without its secret." });
export type Webhook = z.infer<typeof Webhook>;
export const NewWebhook = Webhook.extend({ secret: secret() }).meta({
  id: "NewWebhook",
  description: "A webhook with its secret, shown once.",
});
