import { boundingBox } from "@dais/cap/geometry";
import type { Place as Where } from "@dais/contracts/signals/place";
import { asOwner } from "./owner.ts";

/** A row of signals, as far as a search looks at it. */
export type Row = {
  id: string;
  title: string;
  body: string;
  area: string | null;
  translations: { language: string; title: string; body: string }[] | null;
  severity: string;
  category: string;
  classification: string;
  state: string;
  source: string;
  entity_id: string | null;
  group_id: string | null;
  assignee_id: string | null;
  label: string | null;
  review: string | null;
  geocodes: string[];
  place: Where | null;
  west: number | null;
  south: number | null;
  east: number | null;
  north: number | null;
  occurred_at: string;
  updated_at: string;
  created_at: string;
};

export const nowhere = { place: null, west: null, south: null, east: null, north: null };
export const plain: Omit<Row, "id"> = {
  title: "A signal",
  body: "",
  area: null,
  translations: null,
  severity: "minor",
  category: "met",
  classification: "public",
  state: "new",
  source: "nws",
  entity_id: null,
  group_id: null,
  assignee_id: null,
  label: null,
  review: null,
  geocodes: [],
  ...nowhere,
  occurred_at: "2026-01-06T04:00:00.000Z",
  updated_at: "2026-01-06T04:00:00.000Z",
  created_at: "2026-01-06T04:00:00.000Z",
};

/** Writes signals as they are, past machine and audit: for searches, which look at neither. */
export async function putSignals(tenantId: string, rows: readonly Row[]): Promise<void> {
  const sql = asOwner();
  await sql.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    await tx`insert into signals (id, tenant_id, source, title, body, area, translations, severity, category, classification, state, entity_id,
        group_id, assignee_id, label, review, geocodes, place, west, south, east, north, language, occurred_at, reported_at, updated_at, created_at)
      select id, ${tenantId}, source, title, body, area, translations, severity, category, classification, state, entity_id,
        group_id, assignee_id, label, review, geocodes, place, west, south, east, north, 'en', occurred_at, occurred_at, updated_at, created_at
      from jsonb_populate_recordset(null::signals, ${tx.json(rows as never)})`;
  });
}

const at = ({ lat, lon }: { lat: number; lon: number }) => ({ latitude: lat, longitude: lon });

/** A place of one shape, with the box around it. */
export function placed(where: Partial<Where>): Pick<Row, "place" | "west" | "south" | "east" | "north"> {
  const place = { points: [], polygons: [], circles: [], ...where };
  const [shape] = shapesOf(place);
  if (!shape) throw new Error("A place has a shape.");
  const { west, south, east, north } = boundingBox(shape);
  return { place, west, south, east: east < west ? east + 360 : east, north };
}

export const shapesOf = ({ points, polygons, circles }: Where) => [
  ...points.map((point) => ({ kind: "point", point: at(point) }) as const),
  ...polygons.map((ring) => ({ kind: "polygon", points: ring.map(at) }) as const),
  ...circles.map(({ radiusKm, ...c }) => ({ kind: "circle", centre: at(c), radiusMetres: radiusKm * 1000 }) as const),
];
