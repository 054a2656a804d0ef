import { CommandMessage, CommandReply } from "@dais/contracts/kit/command-message";
import { Envelope, envelopeMediaType } from "@dais/contracts/kit/envelope";
import { amqpOperations, amqpServer, commandsChannel, eventsChannel, repliesChannel } from "./asyncapi/amqp.ts";
import { info } from "./asyncapi/info.ts";
import { message, payloadSchema, schemaName, told } from "./asyncapi/messages.ts";
import { streamChannel, streamOperation, streamServer } from "./asyncapi/stream.ts";
import { withBounds } from "./openapi/bounds.ts";
import { securitySchemes } from "./openapi/info.ts";
import { sorted } from "./openapi/json.ts";
import { outputSchema } from "./schema.ts";

/**
 * The events as AsyncAPI 3.0, the same text for the same contract: what Dais sends, and over what. With `url` (the server's origin,
 * no slash at the end) it names that server, without it the one that `npm start` brings.
 *
 * What carries events is a file of its own beside stream.ts, with its server, channels and operations; messages are the same on all.
 * @see https://www.asyncapi.com/docs/reference/specification/v3.0.0
 */
export function asyncApiDocument({ url = "http://localhost:3000" }: { url?: string } = {}): object {
  const events = told();
  const each = <T>(of: (event: (typeof events)[number]) => T) =>
    Object.fromEntries(events.map((event) => [event.name, of(event)]));
  const payloads = events.map((event) => [schemaName(event), payloadSchema(event)] as const);
  return withBounds({
    asyncapi: "3.0.0",
    "x-generated": "From contracts/ by `npm run generate`. Do not edit.",
    id: "urn:dais:events",
    info: info(events),
    defaultContentType: envelopeMediaType,
    servers: { stream: streamServer(url), amqp: amqpServer() },
    channels: {
      stream: streamChannel(events),
      events: eventsChannel(events),
      commands: commandsChannel(),
      replies: repliesChannel(),
    },
    operations: { ...each(streamOperation), ...amqpOperations(events) },
    components: {
      schemas: sorted({
        Event: outputSchema(Envelope),
        Command: outputSchema(CommandMessage),
        CommandReply: outputSchema(CommandReply),
        ...Object.fromEntries(payloads),
      }),
      messages: each((event) => message(event, url)),
      securitySchemes: { apiKey: securitySchemes.apiKey },
    },
  });
}
