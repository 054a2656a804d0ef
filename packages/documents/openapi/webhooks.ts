import { envelopeMediaType } from "@dais/contracts/kit/envelope";
import type { EventSpec } from "@dais/contracts/kit/event";
import { example, payloadSchema, schemaName, titleOf, told } from "../asyncapi/messages.ts";
import { hearers } from "../events.ts";
import type { Schema } from "./json.ts";
import { pascal, ref } from "./json.ts";

/**
 * What the server sends to webhooks, one entry for each event: the same events, by the same names, as asyncapi.json has.
 * @see https://spec.openapis.org/oas/v3.1.1.html#oas-webhooks
 */
export const webhooksSection = (url: string): Record<string, object> =>
  Object.fromEntries(told().map((event) => [event.name, { post: sent(event, url) }]));

/** The schemas of what events say. */
export const eventSchemas = (): Record<string, Schema> =>
  Object.fromEntries(told().map((event) => [dataName(event), payloadSchema(event)]));

/** Beside `Signal`, and never instead of it. */
const dataName = (event: EventSpec): string => `${schemaName(event)}Data`;

function sent(event: EventSpec, url: string): object {
  const { name, about, version, capability } = event;
  return {
    operationId: `hear${pascal(name)}`,
    summary: titleOf(name),
    description: `${about} Who hears of it: a webhook whose owner ${owners(event)}`,
    tags: [capability],
    // The receiver knows us by the signature.
    security: [],
    parameters: Object.keys(webhookHeaders).map((header) => ref("parameters", header)),
    requestBody: {
      required: true,
      content: {
        [envelopeMediaType]: {
          schema: {
            allOf: [
              ref("schemas", "Event"),
              {
                type: "object",
                properties: {
                  type: { const: name },
                  eventversion: { const: version },
                  data: ref("schemas", dataName(event)),
                },
                required: ["type", "eventversion", "data"],
              },
            ],
          },
          examples: { [pascal(name)]: { summary: about, value: example(event, url) } },
        },
      },
    },
    responses: {
      "204": { description: "It was taken. Any status from 200 to 299 says so." },
      "410": { description: "The receiver is gone: the webhook is given up at once." },
      default: { description: "It was not taken, and is sent again later. Redirects are not followed." },
    },
  };
}

const owners = ({ permission, own }: EventSpec): string =>
  permission === null && !own
    ? "is any caller of the organisation."
    : hearers({ permission, own }).replace(/^who /, "");

/** What is sent with each event. @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
export const webhookHeaders = {
  WebhookId: {
    name: "webhook-id",
    in: "header",
    required: true,
    description:
      "Id of the event, the same each time that it is sent. One that comes twice is the same event: take it in once.",
    schema: { type: "string", pattern: "^evt_[0-7][0-9a-hjkmnp-tv-z]{25}$" },
    example: "evt_01kefhrbt0e4stvxpgm30sa98f",
  },
  WebhookTimestamp: {
    name: "webhook-timestamp",
    in: "header",
    required: true,
    description: "When this was sent, in seconds since 1970. Refuse what is older than five minutes.",
    schema: { type: "integer", minimum: 0, maximum: 9_007_199_254_740_991 },
    example: 1_767_677_400,
  },
  WebhookSignature: {
    name: "webhook-signature",
    in: "header",
    required: true,
    description:
      "`v1,` and the HMAC-SHA256 of `{webhook-id}.{webhook-timestamp}.{body}` in base64; several, between spaces, while a secret is being rotated. One that fits is enough.",
    schema: { type: "string", maxLength: 200 },
    example: "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
  },
};
