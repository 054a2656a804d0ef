import type { EventSpec } from "@dais/contracts/kit/event";
import { titleOf } from "./messages.ts";

/** The server itself, as whoever keeps a stream of events open. */
export const streamServer = (url: string): object => ({
  host: new URL(url).host,
  protocol: new URL(url).protocol.slice(0, -1),
  pathname: "/v1",
  description: "Server-sent events over HTTP.",
  security: [{ $ref: "#/components/securitySchemes/apiKey" }],
});

/** One stream, with every event that its reader may hear of. */
export const streamChannel = (events: readonly EventSpec[]): object => ({
  address: "/events/stream",
  title: "Live stream",
  description:
    "`GET` with `Accept: text/event-stream`. The `data` of each server-sent event is one message; its `id` is the place to go on from, and " +
    "not the message's own. Who comes back sends the last `id` as `Last-Event-ID` and hears what it missed, as far back as it is kept; " +
    "where that is not far enough, `event: reload` says so. `event: end` says why the server ends the stream.",
  servers: [{ $ref: "#/servers/stream" }],
  messages: Object.fromEntries(events.map(({ name }) => [name, { $ref: `#/components/messages/${name}` }])),
});

/** Dais sends the event to those who read the stream. */
export const streamOperation = ({ name, about, capability, permission }: EventSpec): object => ({
  action: "send",
  channel: { $ref: "#/channels/stream" },
  title: titleOf(name),
  summary: about,
  tags: [{ name: capability }],
  "x-permission": permission,
  messages: [{ $ref: `#/channels/stream/messages/${name}` }],
});
