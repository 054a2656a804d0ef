import { z } from "zod";
import { type IdKind, typeId } from "./ids.ts";
import { Instant, line } from "./shapes.ts";

/**
 * Who may hear of an event on a live stream, within their organisation, clearance and entities: who holds a permission, any signed-in
 * caller (null), or nobody outside of the server.
 */
export type Hearers = `${string}.${string}` | null | "nobody";

/** Something that happens, as its capability declares it. Evaluated types instead of a schema, as operations have them. */
export type EventDeclaration<Payload = unknown> = {
  /** One sentence: what has happened. */
  about: string;
  /** Fields may be added to a payload. What breaks a reader counts this up. */
  version: number;
  permission: Hearers;
  /** Nobody but the person whom the payload names as `personId` hears of it. */
  own?: boolean;
  /** A Zod object. */
  payload: object;
  example: Payload;
  readonly $payload?: Payload;
};

/** An event as data: what the kernel, the documents and the tests work from. */
export type EventSpec = Omit<EventDeclaration<Record<string, unknown>>, "payload"> & {
  /** `signal.acknowledged` */
  name: string;
  /** The capability that declares it: `signals`. */
  capability: string;
  payload: z.ZodObject;
};

/**
 * Declares an event. Its payload is an object with the `id` of what it speaks of, and little else: who wants more reads it, as far as
 * they may.
 */
export const event = <P extends z.core.$ZodObject>(spec: {
  about: string;
  version: number;
  permission: Hearers;
  own?: boolean;
  payload: P;
  example: z.output<P>;
}): EventDeclaration<z.output<P>> => spec;

/** The payload of a move, which the kernel tells by itself: from which state to which, and why. */
export const movePayload = <K extends IdKind, const S extends readonly string[]>(kind: K, states: S) =>
  z.object({
    id: typeId(kind),
    from: z.enum(states).describe("The state it was in."),
    to: z.enum(states).describe("The state it is in now."),
    reason: line(2000).nullable().describe("What was said at the move."),
  });

/**
 * Declares that a thing of a workflow has waited for too long, which the kernel tells by itself, once for each time that it waits: which
 * state it waits in, since when, and by when somebody should have acted.
 */
export const overdueEvent = <K extends IdKind, const S extends readonly string[]>(spec: {
  about: string;
  permission: Hearers;
  kind: K;
  states: S;
  example: { id: string; state: S[number] };
}) =>
  event({
    about: spec.about,
    version: 1,
    permission: spec.permission,
    payload: z.object({
      id: typeId(spec.kind),
      state: z.enum(spec.states).describe("The state that it waits in."),
      since: Instant.describe("Since when it has been in it."),
      dueAt: Instant.describe("By when somebody should have acted."),
    }),
    example: { ...spec.example, since: "2026-01-05T04:00:00.000Z", dueAt: "2026-01-12T20:00:00.000Z" } as never,
  });

/** The payload of a change of which the `id` says enough. */
export const idPayload = (kind: IdKind) => z.object({ id: typeId(kind) });

type Declaring = { name: string; events?: Readonly<Record<string, EventDeclaration>> };

/** The events of capabilities, by name, in the order of the contract. */
export function eventsOf(capabilities: readonly Declaring[]): ReadonlyMap<string, EventSpec> {
  return new Map(
    capabilities.flatMap((capability) =>
      Object.entries(capability.events ?? {}).map(([name, declared]) => [
        name,
        { ...declared, name, capability: capability.name } as EventSpec,
      ]),
    ),
  );
}
