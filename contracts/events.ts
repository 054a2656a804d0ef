import { z } from "zod";
import { exampleEvent, exampleLastEventId } from "./examples/events.ts";
import { Envelope } from "./kit/envelope.ts";
import { typeId } from "./kit/ids.ts";
import { capability, router } from "./kit/operation.ts";
import { paging } from "./kit/paging.ts";

const { query, subscription } = capability({
  name: "events",
  title: "Events",
  about:
    "What happens, told as it happens. Each event names the permission that its hearer needs, and concerns nobody whose clearance is too low; all of it is judged at the moment when the event is told.",
  permissions: {},
  problems: {
    event_streams_exhausted: {
      status: 429,
      title: "Too many streams",
      meaning: "The caller has as many streams open on this server as one caller may have.",
      remedy: "Close one. A single stream carries whatever the caller may hear: filter it on your side.",
    },
  },
});

/** As long as a database with many transactions under way makes it. */
const position = z.string().min(1).max(4000);
const lastEventId = position
  .optional()
  .describe("Only what was told after this: the `id` of a stream's last message, or a list's `lastEventId`.");

/** What a caller wants to hear of what it may hear. */
const wanted = {
  types: z
    .array(
      z
        .string()
        .max(100)
        .regex(/^[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*$/, "Must be an event's name: `signal.ingested`."),
    )
    .min(1)
    .max(50)
    .optional()
    .describe("Only these events, by their names."),
  entityId: typeId("ent").optional().describe("Only what concerns this entity."),
};

/** What a stream says in the place of events that it can't tell any more. Its `type` is never that of an event. */
export const StreamReload = z
  .object({
    type: z.literal("stream.reload"),
    reason: z
      .enum(["not_kept", "too_many"])
      .describe("`not_kept`: it was too long ago. `too_many`: more has happened than is told again."),
  })
  .meta({
    id: "StreamReload",
    description: "What happened before this message can't be told any more: read anew what you show.",
  });
export type StreamReload = z.infer<typeof StreamReload>;

export const events = router({
  stream: subscription({
    rest: "GET /events/stream",
    summary: "Hear of events as they happen",
    description:
      "Server-sent events: `data` is one event, `id` the place to go on from. A reader that comes back says the last `id` as `Last-Event-ID`, as browsers do by themselves, and hears what it missed. `event: reload` means that too much was missed: read anew what you show. `event: end` says why the server ends the stream. A reader that doesn't read is cut off.",
    permission: null,
    problems: ["event_streams_exhausted", "invalid_cursor"],
    input: z.strictObject({ ...wanted, lastEventId }),
    output: z.union([Envelope, StreamReload]),
    examples: [{ title: "What happens to signals", input: { types: ["signal.acknowledged"] }, output: exampleEvent }],
  }),
  list: query({
    rest: "GET /events",
    summary: "List what happened last, or since then, in its order",
    description:
      "For who can't keep a stream open: ask with `lastEventId` of the answer before, and get what happened since. Without it, the latest events. `lastEventId` is also where a stream can begin.",
    permission: null,
    problems: ["invalid_cursor"],
    input: z.strictObject({
      ...paging,
      cursor: position.optional().describe(paging.cursor.description ?? ""),
      ...wanted,
      lastEventId,
    }),
    output: z.object({
      items: z.array(Envelope).max(100).describe("The newest last. There may be none although more follow."),
      nextCursor: z.string().max(4000).nullable().describe("Null where there is no more for now."),
      lastEventId: position.describe("Where this answer ends, for the next question or for a stream."),
      reload: z
        .boolean()
        .describe("True where events since the place asked for are not kept any more: read anew what you show."),
    }),
    examples: [
      {
        title: "What happened to signals since",
        input: { types: ["signal.acknowledged"], limit: 10 },
        output: { items: [exampleEvent], nextCursor: null, lastEventId: exampleLastEventId, reload: false },
      },
    ],
  }),
});
