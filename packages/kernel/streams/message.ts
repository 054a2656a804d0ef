import type { StreamReload } from "@dais/contracts/events";
import { type Envelope, envelopeOf } from "@dais/contracts/kit/envelope";
import type { z } from "zod";
import { Problem } from "../problem.ts";
import type { FedEvent } from "../relay/feed.ts";

/** An event as every stream of an organisation is told it; `text` is its JSON, written once for all. */
export type EventMessage = { kind: "event"; id: string; data: Envelope; text: string };
/** Why the server ends a stream. */
export type Ending = "signed_out" | "not_allowed" | "unavailable" | "shutting_down";

/** What a stream tells. `id` is where to go on after it. */
export type Message =
  | EventMessage
  | { kind: "reload"; id: string; data: StreamReload }
  /** Everything before this place was told, though nothing of it to this reader. */
  | { kind: "place"; id: string }
  /** Nothing has happened for a while. */
  | { kind: "beat" }
  /** The last one. `problem` says the same as whoever comes back would be told. */
  | { kind: "end"; reason: Ending; problem: Problem };

/** Makes the message of an event. @throws Error where it doesn't fit the contract: a bug */
export function messageOf(
  event: FedEvent,
  from: { url: string; tenant: string; output: z.ZodType; idOf(position: string): string },
): EventMessage {
  const data = from.output.parse(envelopeOf(event, from)) as Envelope;
  return { kind: "event", id: from.idOf(event.position), data, text: JSON.stringify(data) };
}

export const endOf = (reason: Ending): Message => ({ kind: "end", reason, problem: problems[reason]() });

const problems: Record<Ending, () => Problem> = {
  signed_out: () => new Problem("unauthenticated"),
  not_allowed: () => new Problem("forbidden"),
  unavailable: () => new Problem("unavailable", { retryAfterSeconds: 2 }),
  shutting_down: () => new Problem("unavailable", { retryAfterSeconds: 1 }),
};
