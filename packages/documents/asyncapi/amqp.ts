import { commandBytes } from "@dais/contracts/kit/command-message";
import { envelopeMediaType } from "@dais/contracts/kit/envelope";
import type { EventSpec } from "@dais/contracts/kit/event";
import { ref } from "../openapi/json.ts";

/** The broker, where an operator has one. */
export const amqpServer = (): object => ({
  host: "broker.example.org:5671",
  protocol: "amqps",
  protocolVersion: "0.9.1",
  description: "A RabbitMQ of the operator's: the setting `AMQP_URL`.",
});

const bindingVersion = "0.3.0";

/** Every event of every organisation. */
export const eventsChannel = (events: readonly EventSpec[]): object => ({
  address: "{organisation}.{event}",
  title: "Events, by the broker",
  description: "The address is the routing key: `rimal.signal.escalated`. Who may bind what, the broker says.",
  servers: [{ $ref: "#/servers/amqp" }],
  parameters: {
    organisation: { description: "The organisation's slug." },
    event: { description: "The event's name." },
  },
  messages: Object.fromEntries(events.map(({ name }) => [name, { $ref: `#/components/messages/${name}` }])),
  bindings: {
    amqp: {
      is: "routingKey",
      exchange: { name: "dais.events", type: "topic", durable: true, autoDelete: false, vhost: "/" },
      bindingVersion,
    },
  },
});

/** What other services send. */
export const commandsChannel = (): object => ({
  address: "dais.commands.{integration}",
  title: "Commands of another service",
  description: "Each integration has a queue, and what comes by it is done as the API key that it was opened with.",
  servers: [{ $ref: "#/servers/amqp" }],
  parameters: { integration: { description: "Id of the integration." } },
  messages: {
    command: {
      name: "command",
      title: "A command",
      summary: `Something to do, at most ${commandBytes} bytes.`,
      contentType: "application/json",
      payload: ref("schemas", "Command"),
      correlationId: { description: "Comes back with the answer.", location: "$message.header#/correlation_id" },
      examples: [
        {
          name: "leaver",
          summary: "Somebody has left.",
          payload: {
            version: 1,
            operation: "people.disable",
            input: { id: "per_01kejc8ht0e6ssypg6m30swmzz", reason: "Left the company." },
            idempotencyKey: "leaver-4711",
          },
        },
      ],
    },
  },
  bindings: {
    amqp: {
      is: "queue",
      queue: { name: "dais.commands.{integration}", durable: true, exclusive: false, autoDelete: false, vhost: "/" },
      bindingVersion,
    },
  },
});

/** What becomes of a command, told where its message asks for it. */
export const repliesChannel = (): object => ({
  address: null,
  title: "Answers to commands",
  description:
    "Where `reply_to` names RabbitMQ's direct reply-to, or the integration's own queue, `dais.commands.{integration}.replies`.",
  servers: [{ $ref: "#/servers/amqp" }],
  messages: {
    reply: {
      name: "reply",
      title: "An answer",
      summary: "What became of a command.",
      contentType: "application/json",
      payload: ref("schemas", "CommandReply"),
      correlationId: { description: "The command's.", location: "$message.header#/correlation_id" },
    },
  },
});

/** Beside the stream's: what Dais sends to the broker and takes from it. */
export const amqpOperations = (events: readonly EventSpec[]): Record<string, object> => ({
  publishEvents: {
    action: "send",
    channel: { $ref: "#/channels/events" },
    title: "Publish every event",
    summary: `Messages are \`${envelopeMediaType}\`, persistent, confirmed; \`message_id\` is the event's id, \`type\` its name.`,
    messages: events.map(({ name }) => ({ $ref: `#/channels/events/messages/${name}` })),
    bindings: { amqp: { deliveryMode: 2, timestamp: true, bindingVersion } },
  },
  takeCommands: {
    action: "receive",
    channel: { $ref: "#/channels/commands" },
    title: "Take commands",
    summary: "Acknowledged when it is done, or noted why not.",
    messages: [{ $ref: "#/channels/commands/messages/command" }],
    reply: {
      address: { description: "Where the message asks for it.", location: "$message.header#/reply_to" },
      channel: { $ref: "#/channels/replies" },
    },
    bindings: { amqp: { ack: true, bindingVersion } },
  },
});
