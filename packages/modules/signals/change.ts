import { uuidOf } from "@dais/contracts/kit/ids";
import type { Ctx } from "@dais/kernel/context";
import type { Held } from "./known.ts";
import { boundsOf, keptGeocodes } from "./place.ts";
import type { Joined } from "./plan.ts";
import type { Report } from "./reports.ts";
import { type Summary, summaryOf } from "./summary.ts";
import type { Row } from "./workflow.ts";

/** What reports do to one signal. */
export type Change = {
  /** Null where they make it. */
  before: Row | null;
  after: Row;
  /** Signals that turned out to be this one. */
  merged: { before: Row; after: Row }[];
  reports: Report[];
  /** Uuids of the reports that are the newest of their sources now, and of those that were until now. */
  newest: Set<string>;
  surpassed: string[];
};

/** What becomes of reports, and of the signals that they are. */
export function changeOf(ctx: Ctx, { signals, reports }: Joined, held: ReadonlyMap<string, Held>): Change {
  const there = signals.map((id) => held.get(id) as Held);
  const known = there.flatMap(({ words }) => words);
  const summary = summaryOf([...known, ...reports]);
  const newest = new Set(summary.words.map(({ id }) => id));
  const surpassed = known.flatMap(({ id }) => (newest.has(id) ? [] : [id]));
  const [first, ...others] = there.map(({ row }) => row);
  const sightings = there.reduce((sum, { row }) => sum + row.sightings, reports.length);
  const said = { ...wordsOf(summary, reports, there), ...numbersOf(summary, sightings) };
  const after = first
    ? { ...first, ...said, ...reopened(first, others), version: first.version + 1, updatedAt: ctx.now }
    : made(ctx, said, reports);
  return {
    before: first ?? null,
    after,
    merged: others.map((before) => ({ before, after: mergedInto(ctx, before, after.id) })),
    reports,
    newest,
    surpassed,
  };
}

type Said = ReturnType<typeof wordsOf> & ReturnType<typeof numbersOf>;

const numbersOf = ({ severity, confidence, occurredAt, lastSeenAt }: Summary, sightings: number) => ({
  severity,
  confidence,
  occurredAt: new Date(occurredAt),
  lastSeenAt: new Date(lastSeenAt),
  sightings,
});

/** The words of the newest report: it came just now, or is what one of the signals says already. */
function wordsOf({ newest }: Summary, reports: readonly Report[], there: readonly Held[]) {
  const report = reports.find(({ id }) => id === newest.id);
  if (report) return contentOf(report);
  const { row } = there.find(({ words }) => words.some(({ id }) => id === newest.id)) as Held;
  const { source, externalId, title, body, category, area, language, reportedAt, expiresAt, translations } = row;
  const { place, west, south, east, north, latitude, longitude, geocodes, fingerprint } = row;
  const where = { place, west, south, east, north, latitude, longitude, geocodes };
  return {
    source,
    externalId,
    title,
    body,
    category,
    area,
    language,
    reportedAt,
    expiresAt,
    translations,
    fingerprint,
    ...where,
  };
}

function contentOf({ input, fingerprint, latitude, longitude }: Report) {
  const { source, externalId, title, body, category, area, language, place, translations } = input;
  const bounds = place ? boundsOf(place) : { west: null, south: null, east: null, north: null };
  return {
    ...{ source, externalId, title, body, category, area, language, fingerprint },
    reportedAt: new Date(input.reportedAt),
    expiresAt: input.expiresAt ? new Date(input.expiresAt) : null,
    translations: translations.length > 0 ? translations : null,
    ...{ place, latitude, longitude, ...bounds },
    geocodes: keptGeocodes(input.geocodes),
  };
}

function made(ctx: Ctx, said: Said, [report]: readonly Report[]): Row {
  const { classification, entityId } = (report as Report).input;
  return {
    id: ctx.newId(),
    tenantId: ctx.tenant.id,
    classification,
    entityId: entityId && uuidOf(entityId),
    ...said,
    mergedInto: null,
    groupId: null,
    assigneeId: null,
    snoozedUntil: null,
    raiseAt: null,
    label: null,
    assessedSeverity: null,
    assessedConfidence: null,
    assessedBy: null,
    review: null,
    reviewSince: null,
    state: "new",
    stateReason: null,
    version: 1,
    createdAt: ctx.now,
    updatedAt: ctx.now,
  };
}

/** One that was closed takes in another that is open: there is something to act on after all. */
const reopened = ({ state }: Row, others: readonly Row[]): Partial<Row> =>
  state === "dismissed" && others.some((other) => other.state !== "dismissed")
    ? { state: "new", stateReason: null }
    : {};

const mergedInto = (ctx: Ctx, row: Row, id: string): Row => ({
  ...row,
  state: "merged",
  stateReason: null,
  mergedInto: id,
  groupId: null,
  version: row.version + 1,
  updatedAt: ctx.now,
});
