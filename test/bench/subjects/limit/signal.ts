import { type IdKind, idOf } from "@dais/contracts/kit/ids";
import type { Place, Translation } from "@dais/contracts/signals/place";
import { signals } from "@dais/drizzle/schema/signals";
import { getTableColumns } from "drizzle-orm";

/** The columns, in the table's order. */
export const columns = Object.values(getTableColumns(signals)).map(({ name }) => name);

type Row = Record<string, unknown>;
const moment = (value: unknown) => value && (value as Date).toISOString();
const id = (kind: IdKind, value: unknown) => value && idOf(kind, value as string);

/** A row of signals as the API shows it. */
export const show = (row: Row) => ({
  id: id("sig", row.id),
  source: row.source,
  externalId: row.external_id,
  title: row.title,
  body: row.body,
  severity: row.severity,
  category: row.category,
  classification: row.classification,
  confidence: row.confidence,
  entityId: id("ent", row.entity_id),
  area: row.area,
  place: row.place && placed(row.place as Place),
  geocodes: row.geocodes === "{}" ? [] : members(row.geocodes as string).map(geocode),
  language: row.language,
  translations: row.translations ? (row.translations as Translation[]).map(translated) : [],
  occurredAt: moment(row.occurred_at),
  reportedAt: moment(row.reported_at),
  expiresAt: moment(row.expires_at),
  sightings: row.sightings,
  lastSeenAt: moment(row.last_seen_at ?? row.reported_at),
  mergedInto: id("sig", row.merged_into),
  groupId: id("sgr", row.group_id),
  assigneeId: id("per", row.assignee_id),
  snoozedUntil: row.state === "snoozed" ? moment(row.snoozed_until) : null,
  label: row.label,
  assessedSeverity: row.assessed_severity,
  assessedConfidence: row.assessed_confidence,
  assessedBy: row.assessed_by,
  review: row.review && { why: row.review, since: moment(row.review_since) },
  state: row.state,
  stateReason: row.state_reason,
  version: row.version,
  createdAt: moment(row.created_at),
  updatedAt: moment(row.updated_at),
});

// Postgres keeps JSON with its names in another order than the contract's.
const placed = ({ points, polygons, circles }: Place) => ({ points, polygons, circles });
const translated = ({ language, title, body }: Translation) => ({ language, title, body });

/** The members of an array as Postgres writes it: `{a,"b c"}`. */
const members = (array: string): string[] =>
  (array.match(/"(?:[^"\\]|\\.)*"|[^,{}]+/g) ?? []).map((one) =>
    one.startsWith('"') ? one.slice(1, -1).replace(/\\(.)/g, "$1") : one,
  );
function geocode(kept: string) {
  const at = kept.indexOf("=");
  return { scheme: kept.slice(0, at), value: kept.slice(at + 1) };
}

const within = ["lat", "lon", "radiusKm", "points", "polygons", "circles", "scheme", "value", "why", "since"];
const names = [...Object.keys(show({ geocodes: "{}" })), ...within].sort();
/** Its canonical JSON (RFC 8785): a list of all names in order is all it takes. */
export const canonical = (signal: object): string => JSON.stringify(signal, names);
