import { z } from "zod";
import { exampleSignal } from "../examples/signals.ts";
import { Figure } from "../kit/figure.ts";
import { typeId } from "../kit/ids.ts";
import { page, paging } from "../kit/paging.ts";
import { Classification, Instant, line } from "../kit/shapes.ts";
import { query } from "./capability.ts";
import { filters } from "./filters.ts";
import { Label, Signal } from "./signal.ts";
import { categories, reviewReasons, severities, signalStates } from "./values.ts";

const degrees = "-?\\d{1,3}(\\.\\d{1,12})?";
const within = (most: number) => (value: number) => Math.abs(value) <= most;
const numbersOf = (text: string) => text.split(",").map(Number);

/** `west,south,east,north`. @see RFC 7946, section 5 */
export const Box = z
  .string()
  .regex(new RegExp(`^${degrees},${degrees},${degrees},${degrees}$`), "Must be west,south,east,north in degrees.")
  .refine((text) => {
    const [west = 0, south = 0, east = 0, north = 0] = numbersOf(text);
    return [west, east].every(within(180)) && [south, north].every(within(90)) && south <= north;
  }, "Must be within -180 to 180 and -90 to 90, with south not above north.");

/** `lat,lon,radiusKm` */
export const Near = z
  .string()
  .regex(
    new RegExp(`^${degrees},${degrees},\\d{1,5}(\\.\\d{1,6})?$`),
    "Must be lat,lon,radiusKm: degrees, and kilometres.",
  )
  .refine((text) => {
    const [lat = 0, lon = 0, radiusKm = 0] = numbersOf(text);
    return within(90)(lat) && within(180)(lon) && within(20_000)(radiusKm);
  }, "Must be within -90 to 90, -180 to 180 and 0 to 20000.");

/** Everything that signals are found by: all of what is given holds for each that is found. */
export const searchFilters = {
  ...filters,
  until: Instant.optional().describe("Only those that occurred before this moment."),
  changedSince: Instant.optional().describe("Only those that changed at this moment or later."),
  classification: z.array(Classification).min(1).max(20).optional().describe("Only these levels."),
  text: line(200)
    .optional()
    .describe(
      'Only those in whose title, body, area or translations these words are, in any form: `flood watch`. English and Arabic. In quotes: one after the other; `or`: one of both; `-word`: without it. Of a body the first 20 000 characters count. Text of nothing but words like "the" finds nothing.',
    ),
  box: Box.optional().describe(
    "Only those whose place, as the box around it, meets this one: `west,south,east,north` in degrees. A west beyond the east goes across the date line: `170,-50,-170,-30`.",
  ),
  near: Near.optional().describe(
    "Only those of which some part lies within a radius: `lat,lon,radiusKm`, 20 000 km at most. Polygons and circles are measured from their edges; inside, the distance is 0. To 1 % below 100 km.",
  ),
  geocode: line(281)
    .regex(/^[^=]+=/, "Must be scheme=value.")
    .optional()
    .describe("Only those with this code of an area: `UGC=TXC453`."),
  groupId: typeId("sgr").optional().describe("Only those of this group."),
  assigneeId: z
    .string()
    .regex(/^(me|per_[0-7][0-9a-hjkmnp-tv-z]{25})$/, "Must be `me`, or the id of a person.")
    .optional()
    .describe("Only those that this person works on; `me`: the caller."),
  label: Label.optional().describe("Only those that were assessed as this."),
  review: z
    .array(z.enum(reviewReasons))
    .min(1)
    .max(2)
    .optional()
    .describe("Only those whose assessments somebody should look at, for one of these reasons."),
};

/** In which order. What has the same moment is ordered by id. */
export const SignalSort = z
  .enum(["-occurredAt", "occurredAt", "-updatedAt"])
  .describe("By when it occurred, or by when it changed last. `-`: the newest first.");

const count = (what: string) => Figure.describe(what);
const asOf = "2026-01-06T05:00:00.000Z";
const figure = (value: number) => ({
  value,
  unit: "signals",
  asOf,
  fetchedAt: asOf,
  source: "dais",
  method: "derived",
  classification: value > 0 ? "internal" : "public",
  freshness: "fresh",
});
const one = (value: string, is: string) => figure(value === is ? 1 : 0);

/** The days after which what is closed is no longer in the picture, and how far back its changes go. */
export const pictureDays = 7;

const SignalPicture = z
  .object({
    since: Instant,
    total: Figure,
    bySeverity: z.array(z.object({ severity: z.enum(severities), count: Figure })).max(5),
    byCategory: z.array(z.object({ category: z.enum(categories), count: Figure })).max(12),
    byState: z.array(z.object({ state: z.enum(signalStates), count: Figure })).max(6),
    byEntity: z
      .array(z.object({ entityId: typeId("ent").nullable().describe("Null: the whole organisation."), count: Figure }))
      .max(100)
      .describe("Those with the most signals first, a hundred at most."),
    changed: z
      .object({
        new: count("Signals that were first reported."),
        escalated: count("Signals that were escalated."),
        dismissed: count("Signals that were dismissed."),
        returned: count("Signals that came back: woken, raised anew because nobody touched them, or reopened."),
      })
      .describe("What happened at `since` or later, whatever has become of it. A signal counts once in each."),
  })
  .meta({ id: "SignalPicture", description: "How many signals there are of what, and what has changed." });
export type SignalPicture = z.infer<typeof SignalPicture>;

/** How signals are found. */
export const findOperations = {
  list: query({
    rest: "GET /signals",
    summary: "List or search signals, newest first",
    description:
      "All filters may be combined. By `-updatedAt`, a signal that changes while somebody turns pages moves to the front, where a new search finds it.",
    permission: "signal.read",
    problems: ["invalid_cursor"],
    input: z.strictObject({ ...paging, ...searchFilters, sort: SignalSort.default("-occurredAt") }),
    output: page(Signal),
    examples: [
      {
        title: "The two most recent severe ones",
        input: { limit: 2, severity: ["severe", "extreme"] },
        output: { items: [exampleSignal], nextCursor: null },
      },
      {
        title: "Floods in Texas",
        input: { text: "flood -drill", box: "-106.7,25.8,-93.5,36.5" },
        output: { items: [exampleSignal], nextCursor: null },
      },
    ],
  }),
  picture: query({
    rest: "GET /signals/picture",
    summary: "Count signals by severity, category, state and entity, and what has changed",
    description: `Counts the signals that the caller sees and that are new, acknowledged, snoozed or escalated, and those dismissed or withdrawn that changed within the last ${pictureDays} days. Merged ones don't count. Each figure has the highest classification of what it counts.`,
    permission: "signal.read",
    problems: ["signal_picture_too_long"],
    input: z.strictObject({
      since: Instant.optional().describe(
        `Since when changes count: at most ${pictureDays} days ago. Without it, a day ago.`,
      ),
      severity: filters.severity,
      category: filters.category,
      entityId: filters.entityId,
      classification: searchFilters.classification,
    }),
    output: SignalPicture,
    examples: [
      {
        title: "One severe signal, first reported today",
        input: {},
        output: {
          since: "2026-01-05T05:00:00.000Z",
          total: figure(1),
          bySeverity: severities.map((severity) => ({ severity, count: one(severity, "severe") })),
          byCategory: categories.map((category) => ({ category, count: one(category, "met") })),
          byState: signalStates
            .filter((state) => state !== "merged")
            .map((state) => ({ state, count: one(state, "new") })),
          byEntity: [{ entityId: null, count: figure(1) }],
          changed: { new: figure(1), escalated: figure(0), dismissed: figure(0), returned: figure(0) },
        },
      },
    ],
  }),
};
