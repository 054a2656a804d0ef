import { z } from "zod";
import { exampleSession, exampleSessionId, officerId } from "./examples/people.ts";
import { event } from "./kit/event.ts";
import { typeId } from "./kit/ids.ts";
import { capability, router } from "./kit/operation.ts";
import { Instant } from "./kit/shapes.ts";

export const SessionId = typeId("ses");

const { query, command, events } = capability({
  name: "sessions",
  title: "Sessions",
  about:
    "Where the caller is signed in. A key is not signed in, and has none; those of others are `people.sessions` and `people.signOut`.",
  permissions: {},
  problems: {
    session_not_found: {
      status: 404,
      title: "No such session",
      meaning: "There is no session with this id, it is over already, or it is not the caller's.",
      remedy: "List the sessions again.",
    },
  },
  events: {
    "session.revoked": event({
      about: "A session was ended before its time, by its own person or by an administrator.",
      version: 1,
      permission: "session.read",
      payload: z.object({ id: SessionId, personId: typeId("per") }),
      example: { id: exampleSessionId, personId: officerId },
    }),
  },
});
export type SessionEvents = typeof events;

export const Session = z
  .object({
    id: SessionId,
    openedAt: Instant,
    lastSeenAt: Instant,
    endsAt: Instant.describe("However busy it is, the session is over then; without use it ends sooner."),
    provenAt: Instant.nullable().describe("When the person last proved a second factor in it."),
    address: z.string().max(100).describe("Where it was opened from."),
    userAgent: z.string().max(200).nullable().describe("What the browser said it was: data from outside."),
    current: z.boolean().describe("Whether it is the one that this call was made in."),
  })
  .meta({ id: "Session", description: "A browser that somebody is signed in with." });
export type Session = z.infer<typeof Session>;

/** All sessions of one person, newest first. There are never so many that they need pages. */
export const Sessions = z.object({ items: z.array(Session).max(100) });

export const sessions = router({
  list: query({
    rest: "GET /sessions",
    summary: "List the caller's own sessions, newest first",
    permission: null,
    input: z.strictObject({}),
    output: Sessions,
    examples: [{ title: "One browser", input: {}, output: { items: [exampleSession] } }],
  }),
  revoke: command({
    rest: "POST /sessions/{id}/revoke",
    summary: "End one of the caller's own sessions, at once",
    description: "Answers with what it was. One that is over already is not found.",
    permission: null,
    problems: ["session_not_found"],
    anyVersion: true,
    mcp: false,
    input: z.strictObject({ id: SessionId }),
    output: Session,
    examples: [
      {
        title: "The laptop that was left behind",
        input: { id: exampleSessionId },
        output: { ...exampleSession, current: false },
      },
    ],
  }),
  revokeAll: command({
    rest: "POST /sessions/revoke-all",
    summary: "End the caller's own sessions, with or without this one",
    permission: null,
    anyVersion: true,
    mcp: false,
    input: z.strictObject({
      includingThis: z.boolean().default(false).describe("True signs out here, too."),
    }),
    output: z.object({
      changed: z.boolean().describe("False where there was none to end."),
      ended: z.int().min(0).max(100).describe("How many have ended."),
    }),
    examples: [
      {
        title: "Everywhere but here",
        input: { includingThis: false },
        output: { changed: true, ended: 2 },
      },
    ],
  }),
});
