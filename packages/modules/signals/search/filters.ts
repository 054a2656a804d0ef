import { boundingBox } from "@dais/cap/geometry";
import { uuidOf } from "@dais/contracts/kit/ids";
import { categories, type SignalSort, searchFilters, severities, signalStates } from "@dais/contracts/signals";
import { arrayOf } from "@dais/drizzle/schema/texts";
import type { Ctx } from "@dais/kernel/context";
import type { z } from "zod";
import { type Bounds, cellsOf } from "./cells.ts";

export type Filters = z.infer<z.ZodObject<typeof searchFilters>>;
export type Sort = z.infer<typeof SignalSort>;

/** A value's place in a statement: `$3::text`. */
export type Put = (value: unknown, type: string) => string;

/** A condition that the index answers, for a statement that asks it, and what is to be so in the row itself. */
type Search = { byIndex(): string; plain: string };

/** Filters as conditions on the columns of signals. */
export type Conditions = {
  /** The caller's organisation: its place in the statement, and the condition. */
  tenantId: string;
  tenant: string;
  /** At or below the caller's clearance. */
  levels: string;
  /** Both. */
  mine: string;
  /** When it occurred, and when it changed. */
  times: Record<"occurred_at" | "updated_at", string>;
  /** Between which moments it must have occurred; open ends are Postgres' infinities. */
  since: string;
  until: string;
  /** What costs next to nothing to look at; it is in every statement, whatever is asked for, so that there are few statements. */
  rest: string;
  /** What only few signals have, and an index names. */
  picks: string[];
  words: Search | null;
  place: (Search & { exact: string }) | null;
};

/** Whether anything is asked for beyond a moment since when. */
export const isSearch = (filters: Filters): boolean =>
  Object.entries(filters).some(([name, value]) => value !== undefined && name in searchFilters && name !== "since");

export function conditionsOf(ctx: Ctx, filters: Filters, put: Put): Conditions {
  const { classification, groupId, review } = filters;
  const levels = ctx.visible.filter((level) => classification?.includes(level) ?? true);
  const assignee = filters.assigneeId === "me" ? ctx.actor.id : filters.assigneeId;
  const tenant = put(ctx.tenant.id, "uuid");
  const picks: string[] = [];
  if (groupId) picks.push(`group_id = ${put(uuidOf(groupId), "uuid")}`);
  // Who is no person has nothing to work on.
  if (assignee) picks.push(`assignee_id = ${put(assignee.startsWith("per_") ? uuidOf(assignee) : null, "uuid")}`);
  if (review) picks.push(`review is not null and review = any (${put(arrayOf(review), "text[]")})`);
  const own = `tenant_id = ${tenant}`;
  const seen = `classification = any (${put(arrayOf(levels), "text[]")})`;
  const [since, until] = [moment(filters.since ?? "-infinity", put), moment(filters.until ?? "infinity", put)];
  return {
    since,
    until,
    tenantId: tenant,
    tenant: own,
    levels: seen,
    mine: `${own} and ${seen}`,
    times: {
      occurred_at: `occurred_at >= ${since} and occurred_at < ${until}`,
      // Of a range with both ends Postgres thinks that it is small, and walks the index.
      updated_at: `updated_at >= ${moment(filters.changedSince ?? "-infinity", put)} and updated_at < 'infinity'`,
    },
    rest: restOf(filters, put),
    picks,
    words: wordsOf(filters, put),
    place: placeOf(filters, put),
  };
}

const unmerged = signalStates.filter((state) => state !== "merged");

function restOf(filters: Filters, put: Put): string {
  const among = (column: string, values: readonly string[]) => `${column} = any (${put(arrayOf(values), "text[]")})`;
  const either = (column: string, value: string | undefined, type: string) => {
    const given = put(value ?? null, type);
    return `(${given} is null or ${column} = ${given})`;
  };
  return [
    among("state", filters.state ?? unmerged),
    among("severity", filters.severity ?? severities),
    among("category", filters.category ?? categories),
    either("source", filters.source, "text"),
    either("entity_id", filters.entityId && uuidOf(filters.entityId), "uuid"),
    either("label", filters.label, "text"),
  ].join(" and ");
}

const moment = (given: string, put: Put) => put(given, "text::timestamptz");

function wordsOf({ text, geocode }: Filters, put: Put): Search | null {
  if (text === undefined && geocode === undefined) return null;
  const wanted = [
    ...(geocode === undefined ? [] : [put(lexeme(`@${geocode}`), "tsquery")]),
    ...(text === undefined ? [] : [`signal_search(${put(text, "text")})`]),
  ];
  // By a select of its own it is made of the text once, and not for each row.
  const byIndex = `words @@ (select ${wanted.join(" && ")})`;
  return { byIndex: () => byIndex, plain: byIndex };
}

/** As a query that means it alone. */
const lexeme = (word: string) => `'${word.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;

function placeOf({ box, near }: Filters, put: Put): Conditions["place"] {
  if (box === undefined && near === undefined) return null;
  const [lat = 0, lon = 0, radiusKm = 0] = numbersOf(near);
  const within = [box && boxOf(box), near && around(lat, lon, radiusKm)].flatMap((one) => (one ? [one] : []));
  const meets = within.map((bounds) => meeting(bounds, put));
  return {
    byIndex: () => meets.map((one) => one.byIndex()).join(" and "),
    plain: `west is not null and ${meets.map((one) => one.plain).join(" and ")}`,
    exact: near ? nearTo(lat, lon, radiusKm, put) : "true",
  };
}

/** Measured exactly. A point, and an area whose first corner is near enough, cost much less than the distance to all shapes of a place. */
function nearTo(lat: number, lon: number, radiusKm: number, put: Put): string {
  const from = [put(lat, "float8"), put(lon, "float8")].join(", ");
  const metres = put(radiusKm * 1000, "float8");
  const corner = ["lat", "lon"].map((name) => `(place #>> '{polygons,0,0,${name}}')::float8`).join(", ");
  return `case when west = east and south = north then metres_between(${from}, south, west) <= ${metres}
    when metres_between(${from}, ${corner}) <= ${metres} then true else metres_to(${from}, place) <= ${metres} end`;
}

const numbersOf = (text = "") => text.split(",").map(Number);

function boxOf(text: string): Bounds {
  const [west = 0, south = 0, east = 0, north = 0] = numbersOf(text);
  return { west, south, east: east < west ? east + 360 : east, north };
}

/** A little more than it is: what lies on its very edge is found, whatever rounding does. */
const margin = 1e-6;
function around(latitude: number, longitude: number, radiusKm: number): Bounds {
  const circle = { kind: "circle", centre: { latitude, longitude }, radiusMetres: radiusKm * 1000 } as const;
  const { west, south, east, north } = boundingBox(circle);
  return {
    west: west - margin,
    south: south - margin,
    east: (east < west ? east + 360 : east) + margin,
    north: north + margin,
  };
}

/** What the index knows of a signal besides its words: see `signal_marks` in the database. */
export const marks = "signal_marks(tenant_id, occurred_at, west, south, east, north)";

/** Whether the box around a place meets another. Both may go on beyond the date line: they may meet a turn further on. */
function meeting(bounds: Bounds, put: Put): Search {
  const { west, south, east, north } = bounds;
  const [low, high] = [put(south, "float8"), put(north, "float8")];
  const turns = [0, 360, -360].map((turn) => ({ from: put(west + turn, "float8"), to: put(east + turn, "float8") }));
  const meets = turns.map(({ from, to }) => `(west <= ${to} and east >= ${from})`).join(" or ");
  return {
    byIndex: () => `${marks} && ${put(arrayOf(cellsOf(bounds).map(String)), "bigint[]")}`,
    plain: `(${meets}) and south <= ${high} and north >= ${low}`,
  };
}
