import { events } from "@dais/contracts";
import { type Envelope, envelopeMediaType, envelopeOf } from "@dais/contracts/kit/envelope";
import type { EventSpec } from "@dais/contracts/kit/event";
import { requestId } from "../openapi/headers.ts";
import { pascal, ref, type Schema } from "../openapi/json.ts";
import { outputSchema } from "../schema.ts";

/** The events that leave the server, in the order of the contract. */
export const told = (): EventSpec[] => [...events.values()].filter(({ permission }) => permission !== "nobody");

/** `signal.acknowledged` -> `SignalAcknowledged`: the schema of its `data`. */
export const schemaName = ({ name }: EventSpec): string => pascal(name);

/** JSON Schema of an event's `data`, open to fields that come later. */
export const payloadSchema = ({ payload, about }: EventSpec): Schema => ({
  ...outputSchema(payload),
  description: about,
});

/** The event as a message: the envelope that all have, with its own type and data. */
export function message(event: EventSpec, url: string): object {
  const { name, about, version, permission, capability } = event;
  const own: Schema = {
    type: "object",
    properties: {
      type: { const: name },
      eventversion: { const: version },
      data: ref("schemas", schemaName(event)),
    },
    required: ["type", "eventversion", "data"],
  };
  return {
    name,
    title: titleOf(name),
    summary: about,
    contentType: envelopeMediaType,
    tags: [{ name: capability }],
    correlationId: {
      description: "The request that did it.",
      location: "$message.payload#/requestid",
    },
    "x-permission": permission,
    payload: { allOf: [ref("schemas", "Event"), own] },
    examples: [{ name, summary: about, payload: example(event, url) }],
  };
}

/** `api_key.created` -> `API key created`, as people read it. */
export const titleOf = (name: string): string => {
  const words = name.replace(/[._]/g, " ").replace(/^api /, "API ");
  return words.charAt(0).toUpperCase() + words.slice(1);
};

const actorId = "key_01kejc8ht0e6ssypg6m30swm9d";

/** An event as it comes to those who hear of it. */
export const example = ({ name, version, example: payload }: EventSpec, url: string): Envelope =>
  envelopeOf(
    {
      id: "019b9f1c-2f40-7133-adf6-d0a0c195250f",
      name,
      eventVersion: version,
      occurredAt: new Date("2026-01-06T05:30:00.000Z"),
      resourceVersion: 2,
      entityId: null,
      classification: "internal",
      payload,
      actorKind: "client",
      actorId,
      onBehalfOf: null,
      requestId,
      traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    },
    { url, tenant: "rimal" },
  );
