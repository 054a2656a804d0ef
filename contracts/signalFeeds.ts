import { z } from "zod";
import { event, idPayload } from "./kit/event.ts";
import { typeId } from "./kit/ids.ts";
import { capability, router } from "./kit/operation.ts";
import { page, paging } from "./kit/paging.ts";
import { Classification, Instant, line, Version } from "./kit/shapes.ts";
import { SourceKey } from "./signals/signal.ts";
import { severities } from "./signals.ts";

export const SignalFeedId = typeId("fed");

/** Why a feed could not be taken in. */
export const feedErrors = [
  "address_refused",
  "unresolved",
  "unreachable",
  "timed_out",
  "too_large",
  "too_many_redirects",
  "unexpected_answer",
  "unreadable",
  "classification_unknown",
  "entity_unknown",
] as const;

const id = "fed_01kejc8ht0e6ssypg6m30swm9g";

const { query, command, events } = capability({
  name: "signalFeeds",
  title: "Feeds of alerts",
  about:
    "Addresses that are asked for CAP alerts again and again. What came stays while an address fails: it is asked less and less often until it answers again.",
  permissions: {
    "signal_feed.read": "See the feeds within the caller's clearance, and how they fare.",
    "signal_feed.create": "Have an address asked for alerts.",
    "signal_feed.update": "Change feeds, or switch them off and on.",
    "signal_feed.delete": "Delete feeds. The signals that came by them stay.",
    "signal_feed.poll": "Have a feed asked now.",
  },
  problems: {
    signal_feed_not_found: {
      status: 404,
      title: "No such feed",
      meaning:
        "There is no feed with this id in the caller's organisation, or it was deleted, or what it brings lies above the caller's clearance.",
      remedy: "Check the id, or list feeds.",
    },
    signal_feed_changed: {
      status: 412,
      title: "The feed has changed since",
      meaning: "Somebody changed the feed after the version that the caller saw. `version` is the one that it has now.",
      remedy: "Read the feed again, and decide again.",
    },
    signal_feed_source_taken: {
      status: 409,
      title: "Another feed has this source",
      meaning: "A source comes by one feed at most, so that it can be told which one it was.",
      remedy: "Choose another key, or change the other feed.",
    },
    signal_feed_disabled: {
      status: 409,
      title: "The feed is switched off",
      meaning: "A feed that is switched off is not asked.",
      remedy: "Switch it on first.",
    },
    signal_feed_above_clearance: {
      status: 403,
      title: "Above the caller's clearance",
      meaning: "The caller may not have written what it may not read.",
      remedy: "Let somebody do it whose clearance reaches as high.",
    },
    signal_feed_classification_unknown: {
      status: 422,
      title: "No such classification",
      meaning: "The organisation has no classification level with this key.",
      remedy: "Use one of the levels in `organisations.current`.",
    },
    signal_feed_entity_unknown: {
      status: 422,
      title: "No such entity",
      meaning: "The entity that the feed's signals would concern does not exist in this organisation.",
      remedy: "List entities, or leave `entityId` out.",
    },
  },
  events: {
    "signal_feed.failed": event({
      about: "A feed could not be taken in. It is told once, and not of each failure until it recovers.",
      version: 1,
      permission: "signal_feed.read",
      payload: idPayload("fed"),
      example: { id },
    }),
    "signal_feed.recovered": event({
      about: "A feed that had failed was taken in again.",
      version: 1,
      permission: "signal_feed.read",
      payload: idPayload("fed"),
      example: { id },
    }),
  },
});
export type SignalFeedEvents = typeof events;

const hosts = /^https:\/\/[^/?#@]+([/?]|$)|^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?([/?]|$)/i;
const address = z
  .url()
  .max(2000)
  .refine(
    (text) => hosts.test(text) && !/[#\s]/.test(text),
    "Must be https, without a name or password in it, without a fragment, and without white space.",
  )
  .describe("Where the alerts are: one of CAP, or an Atom feed. Keep secrets out of it: who sees the feed sees it.");

const fields = {
  name: line(200),
  source: SourceKey.describe("Key of the source under which its signals come."),
  url: address,
  everyMinutes: z.int().min(1).max(1440).describe("How often it is asked."),
  classification: Classification,
  entityId: typeId("ent").nullable().describe("The entity that its signals concern; null: the whole organisation."),
  leastSeverity: z
    .enum(severities)
    .nullable()
    .describe("What begins below it is left out; what is known is followed to its end. Null: nothing is left out."),
  enabled: z.boolean().describe("Whether it is asked."),
};

export const SignalFeed = z
  .object({
    id: SignalFeedId,
    ...fields,
    url: z.string().max(2000),
    askedAt: Instant.nullable().describe("When it was asked last; null: never."),
    lastGoodAt: Instant.nullable().describe(
      "When it last answered with what could be taken in, or that nothing had changed.",
    ),
    lastError: z
      .enum(feedErrors)
      .nullable()
      .describe("Why it failed the last time; null where it didn't. Never what the other side said."),
    failures: z.int().min(0).max(2_147_483_647).describe("How often it failed since it was last good."),
    nextAt: Instant.nullable().describe("When it is asked next; null: not at all."),
    version: Version,
    createdAt: Instant,
    updatedAt: Instant.describe("When somebody changed it. How it fares is no change of it."),
  })
  .meta({ id: "SignalFeed", description: "An address that is asked for alerts." });
export type SignalFeed = z.infer<typeof SignalFeed>;

const given = {
  name: "US National Weather Service, Texas",
  source: "nws",
  url: "https://api.weather.gov/alerts/active.atom?area=TX",
  everyMinutes: 5,
  classification: "internal",
  entityId: null,
  leastSeverity: "moderate",
  enabled: true,
} as const;
const example = {
  id,
  ...given,
  askedAt: "2026-01-06T04:00:00.000Z",
  lastGoodAt: "2026-01-06T04:00:00.000Z",
  lastError: null,
  failures: 0,
  nextAt: "2026-01-06T04:05:00.000Z",
  version: 1,
  createdAt: "2026-01-05T04:00:00.000Z",
  updatedAt: "2026-01-05T04:00:00.000Z",
};
const fresh = { ...example, askedAt: null, lastGoodAt: null, nextAt: "2026-01-05T04:00:00.000Z" };
const changing = ["signal_feed_not_found", "signal_feed_changed"] as const;
const placing = [
  "signal_feed_source_taken",
  "signal_feed_classification_unknown",
  "signal_feed_above_clearance",
  "signal_feed_entity_unknown",
] as const;

export const signalFeeds = router({
  list: query({
    rest: "GET /signal-feeds",
    summary: "List feeds, by their source",
    permission: "signal_feed.read",
    problems: ["invalid_cursor"],
    input: z.strictObject({ ...paging }),
    output: page(SignalFeed),
    examples: [{ title: "All", input: {}, output: { items: [example], nextCursor: null } }],
  }),
  get: query({
    rest: "GET /signal-feeds/{id}",
    summary: "Read one feed, and how it fares",
    permission: "signal_feed.read",
    problems: ["signal_feed_not_found"],
    // How it fares changes without a new version: an ETag would say that nothing has.
    etag: false,
    input: z.strictObject({ id: SignalFeedId }),
    output: SignalFeed,
    examples: [{ title: "One", input: { id }, output: example }],
  }),
  create: command({
    rest: "POST /signal-feeds",
    summary: "Have an address asked for alerts",
    description:
      "It is asked for the first time within a minute. Addresses within private networks are refused when they are asked, unless the server's operators allow the host.",
    permission: "signal_feed.create",
    problems: placing,
    status: 201,
    location: "/signal-feeds/{id}",
    etag: false,
    anyVersion: true,
    input: z.strictObject({
      ...fields,
      entityId: fields.entityId.default(null),
      leastSeverity: fields.leastSeverity.default(null),
      enabled: fields.enabled.default(true),
    }),
    output: SignalFeed,
    examples: [{ title: "Texas", input: given, output: fresh }],
  }),
  update: command({
    rest: "PATCH /signal-feeds/{id}",
    summary: "Change a feed, or switch it off or on",
    description: "What is changed so that other signals may come of it is asked anew within a minute.",
    permission: "signal_feed.update",
    problems: [...changing, ...placing],
    etag: false,
    input: z.strictObject({
      id: SignalFeedId,
      version: Version,
      ...Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.optional()])),
    } as { id: typeof SignalFeedId; version: typeof Version } & {
      [K in keyof typeof fields]: z.ZodOptional<(typeof fields)[K]>;
    }),
    output: SignalFeed,
    examples: [
      {
        title: "Less often",
        input: { id, version: 1, everyMinutes: 15 },
        output: { ...example, everyMinutes: 15, version: 2, updatedAt: "2026-01-06T04:01:00.000Z" },
      },
    ],
  }),
  delete: command({
    rest: "POST /signal-feeds/{id}/delete",
    summary: "Delete a feed",
    description: "The signals that came by it stay. Answers with what it was.",
    permission: "signal_feed.delete",
    problems: changing,
    etag: false,
    input: z.strictObject({ id: SignalFeedId, version: Version }),
    output: SignalFeed,
    examples: [
      {
        title: "Delete",
        input: { id, version: 1 },
        output: { ...example, nextAt: null, version: 2, updatedAt: "2026-01-06T04:01:00.000Z" },
      },
    ],
  }),
  poll: command({
    rest: "POST /signal-feeds/{id}/poll",
    summary: "Have a feed asked now",
    description: "A job asks it. Watch it at `Location`; how it fared, the feed says.",
    permission: "signal_feed.poll",
    problems: ["signal_feed_not_found", "signal_feed_disabled"],
    status: 202,
    location: "/jobs/{jobId}",
    anyVersion: true,
    input: z.strictObject({ id: SignalFeedId }),
    output: z.object({ jobId: typeId("job") }),
    examples: [{ title: "Now", input: { id }, output: { jobId: "job_01kejc8ht0e6ssypg6m30swm9j" } }],
  }),
});
