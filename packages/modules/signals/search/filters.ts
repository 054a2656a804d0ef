import { boundingBox } from "@dais/cap/geometry";
import { uuidOf } from "@dais/contracts/kit/ids";
import { categories, type SignalSort, searchFilters, severities, signalStates } from "@dais/contracts/signals";
import type { Ctx } from "@dais/kernel/context";
import type { z } from "zod";

export type Filters = z.infer<z.ZodObject<typeof searchFilters>>;
export type Sort = z.infer<typeof SignalSort>;

/** A value's place in a statement: `$3::text`. */
export type Put = (value: unknown, type: string) => string;

/** A condition that an index can answer, and the same in words that no index is used for. */
type Search = { byIndex: string; plain: string };

/** Filters as conditions on the columns of signals. */
export type Conditions = {
  /** The caller's tenant. */
  tenant: string;
  /** At or below the caller's clearance. */
  levels: string;
  /** Both. */
  mine: string;
  /** When it occurred, and when it changed. */
  times: Record<"occurred_at" | "updated_at", string>;
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
  if (review) picks.push(`review is not null and review = any (${put(array(review), "text[]")})`);
  const own = `tenant_id = ${tenant}`;
  const seen = `classification = any (${put(array(levels), "text[]")})`;
  return {
    tenant: own,
    levels: seen,
    mine: `${own} and ${seen}`,
    times: timesOf(filters, put),
    rest: restOf(filters, put),
    picks,
    words: wordsOf(ctx, filters, put),
    place: placeOf(filters, tenant, put),
  };
}

const unmerged = signalStates.filter((state) => state !== "merged");
/** A list as Postgres reads it. Its members are keys and enum values: nothing in them needs quoting. */
const array = (values: readonly string[]) => `{${values.join(",")}}`;

function restOf(filters: Filters, put: Put): string {
  const among = (column: string, values: readonly string[]) => `${column} = any (${put(array(values), "text[]")})`;
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

function timesOf({ since, until, changedSince }: Filters, put: Put): Conditions["times"] {
  const moment = (given: string) => put(given, "text::timestamptz");
  return {
    occurred_at: `occurred_at >= ${moment(since ?? "-infinity")} and occurred_at < ${moment(until ?? "infinity")}`,
    // Of a range with both ends Postgres thinks that it is small, and walks the index.
    updated_at: `updated_at >= ${moment(changedSince ?? "-infinity")} and updated_at < 'infinity'`,
  };
}

function wordsOf(ctx: Ctx, { text, geocode }: Filters, put: Put): Search | null {
  if (text === undefined && geocode === undefined) return null;
  const wanted = [
    put(lexeme(`#${ctx.tenant.id}`), "tsquery"),
    ...(geocode === undefined ? [] : [put(lexeme(`@${geocode}`), "tsquery")]),
    ...(text === undefined ? [] : [`signal_search(${put(text, "text")})`]),
  ];
  // By a select of its own it is made of the text once, and not for each row.
  const byIndex = `words @@ (select ${wanted.join(" && ")})`;
  return { byIndex, plain: byIndex };
}

/** As a query that means it alone. */
const lexeme = (word: string) => `'${word.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;

/** In degrees; `east` is beyond 180 where it crosses the date line. */
type Bounds = { west: number; south: number; east: number; north: number };

function placeOf({ box, near }: Filters, tenant: string, put: Put): Conditions["place"] {
  if (box === undefined && near === undefined) return null;
  const [lat = 0, lon = 0, radiusKm = 0] = numbersOf(near);
  const within = [box && boxOf(box), near && around(lat, lon, radiusKm)].flatMap((one) => (one ? [one] : []));
  const meets = within.map((bounds) => meeting(bounds, tenant, put));
  return {
    byIndex: `west is not null and ${meets.map((one) => one.byIndex).join(" and ")}`,
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

/** Whether the box around a place meets another. Both may go on beyond the date line: they may meet a turn further on. */
function meeting({ west, south, east, north }: Bounds, tenant: string, put: Put): Search {
  const [low, high] = [put(south, "float8"), put(north, "float8")];
  const turns = [0, 360, -360].map((turn) => ({ from: put(west + turn, "float8"), to: put(east + turn, "float8") }));
  const plain = (turn: (typeof turns)[number]) => `(west <= ${turn.to} and east >= ${turn.from})`;
  const boxed = (turn: (typeof turns)[number]) =>
    `signal_box(tenant_id, west, south, east, north) && signal_box(${tenant}, ${turn.from}, ${low}, ${turn.to}, ${high})`;
  const exactly = `(${turns.map(plain).join(" or ")}) and south <= ${high} and north >= ${low}`;
  // An index of boxes compares with some tolerance.
  return { byIndex: `(${turns.map(boxed).join(" or ")}) and ${exactly}`, plain: exactly };
}
