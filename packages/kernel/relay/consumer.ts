import type { EventName } from "@dais/contracts";
import type { Perform, Task } from "../task.ts";
import type { DeliveredEvent } from "./event.ts";

/**
 * Work that a module does because of what has happened, in a transaction of its own. Each event is done once, however often it is
 * delivered, and in the order of its resource.
 */
export type Consumer = {
  /** Never changed: what it has taken in is noted under it. */
  name: string;
  events: readonly EventName[] | "all";
  handle: Task<DeliveredEvent, unknown>;
};

/**
 * Whoever the relay delivers to: a consumer of ours, or a way out of the house. It may be given the same event more than once, and
 * says by coming back that it has it.
 */
export type Target = {
  name: string;
  hears(event: Pick<DeliveredEvent, "name">): boolean;
  /** @throws whatever kept it from taking the event: it is given it again later, and the resource's later events after it */
  deliver(event: DeliveredEvent): Promise<unknown>;
};

/** A consumer as the relay sees it: actor `system`, on behalf of whoever is behind the event, within the request and trace of the event. */
export function targetOf({ name, events, handle }: Consumer, perform: Perform): Target {
  const heard: ReadonlySet<string> | null = events === "all" ? null : new Set(events);
  return {
    name,
    hears: (event) => heard?.has(event.name) ?? true,
    deliver: (event) =>
      perform(
        handle,
        {
          tenantId: event.tenantId,
          onBehalfOf: event.onBehalfOf ?? (event.actorKind === "system" ? null : event.actorId),
          requestId: event.requestId,
          traceparent: event.traceparent,
          once: { consumer: name, eventId: event.id },
        },
        event,
      ),
  };
}
