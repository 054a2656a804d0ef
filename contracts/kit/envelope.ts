import { z } from "zod";
import { idOf, typeId } from "./ids.ts";
import { Classification, Instant } from "./shapes.ts";

const name = z.string().max(200);

/**
 * An event as everybody outside of the server gets it, whatever carries it: CloudEvents 1.0 in its JSON format. What is absent is null,
 * which CloudEvents takes for absent. Attributes after `data` are extensions, in small letters as the standard wants them.
 * @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
 */
export const Envelope = z
  .object({
    specversion: z.literal("1.0"),
    id: typeId("evt").describe("Of this event. One that comes twice is the same event: take it in once."),
    source: z.string().max(2000).describe("The server and the organisation that it happened in, as a URI."),
    type: name.describe("What has happened: `signal.acknowledged`."),
    subject: name.describe("Id of what it happened to."),
    time: Instant.describe("When it happened."),
    dataschema: z.url().max(2000).describe("JSON Schema of `data`; another one for another `eventversion`."),
    datacontenttype: z.literal("application/json"),
    data: z.record(z.string().max(100), z.unknown()).describe("What the event says. Fields may be added."),
    tenant: name.describe("The organisation's slug."),
    classification: Classification.nullable().describe("Level of what it happened to; null: it has none."),
    entity: typeId("ent").nullable().describe("The entity that it concerns; null: the whole organisation."),
    resourceversion: z
      .int()
      .min(1)
      .max(2_147_483_647)
      .nullable()
      .describe("The thing's `version` afterwards. Events of one thing come in its order."),
    actor: name.describe("Id of who did it."),
    actorkind: z.enum(["user", "agent", "client", "system"]).describe("What kind of caller that is."),
    onbehalfof: name.nullable().describe("Id of whoever it was done for."),
    requestid: name.describe("Id of the request that did it, as audit entries and log lines have it."),
    traceparent: z.string().max(100).nullable().describe("W3C Trace Context of that request."),
    eventversion: z.int().min(1).max(1000).describe("Version of `data`. Counted up by what breaks a reader."),
  })
  .meta({ id: "Event", description: "Something that happened, as CloudEvents 1.0." });
export type Envelope = z.infer<typeof Envelope>;

export const envelopeMediaType = "application/cloudevents+json";

/** An event as it waits in the outbox. `id` and `entityId` are uuids. */
export type EventRow = {
  id: string;
  name: string;
  eventVersion: number;
  occurredAt: Date;
  resourceVersion: number | null;
  entityId: string | null;
  classification: string | null;
  payload: Record<string, unknown>;
  actorKind: string;
  actorId: string;
  onBehalfOf: string | null;
  requestId: string;
  traceparent: string | null;
};

/** @param from The server's public origin, without a slash at the end, and the organisation's slug. */
export const envelopeOf = (row: EventRow, from: { url: string; tenant: string }): Envelope => ({
  specversion: "1.0",
  id: idOf("evt", row.id),
  source: `${from.url}/tenants/${from.tenant}`,
  type: row.name,
  subject: String(row.payload.id),
  time: row.occurredAt.toISOString(),
  dataschema: from.url + schemaPath(row.name, row.eventVersion),
  datacontenttype: "application/json",
  data: row.payload,
  tenant: from.tenant,
  classification: row.classification,
  entity: row.entityId && idOf("ent", row.entityId),
  resourceversion: row.resourceVersion,
  actor: row.actorId,
  actorkind: row.actorKind as Envelope["actorkind"],
  onbehalfof: row.onBehalfOf,
  requestid: row.requestId,
  traceparent: row.traceparent,
  eventversion: row.eventVersion,
});

/** Where a server has the JSON Schema of an event's `data`. */
export const schemaPath = (event: string, version: number): string => `/schemas/${event}/${version}`;
