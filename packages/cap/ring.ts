import type { Point } from "./point.ts";

export type RingFlaw = "short" | "open" | "crosses_itself" | "crosses_date_line" | "around_pole";

/** What is wrong with a ring, or particular about it. Of one that is too short nothing else is said. @see OASIS CAP 1.2, `polygon` */
export function ringFlaws(points: readonly Point[]): RingFlaw[] {
  const open = !isClosed(points);
  if (points.length + (open ? 1 : 0) < 4) return ["short"];
  const line = unwrapped(points);
  const flaws: RingFlaw[] = [];
  if (open) flaws.push("open");
  if (crossesItself(points)) flaws.push("crosses_itself");
  if (goesAroundPole(line)) flaws.push("around_pole");
  else if (line.some(({ longitude }) => Math.abs(longitude) > 180)) flaws.push("crosses_date_line");
  return flaws;
}

/**
 * A ring as one can calculate with it: closed, and without the jump at the date line. Each edge goes the shorter way around the globe,
 * so longitudes may be beyond 180; the least of them is within -180 and 180. One that goes around a pole has its edges down to that pole.
 */
export function normalRing(points: readonly Point[]): Point[] {
  const line = unwrapped(points);
  const ring = goesAroundPole(line) ? [...line, ...overPole(line)] : line;
  const least = ring.reduce((west, { longitude }) => Math.min(west, longitude), Number.POSITIVE_INFINITY);
  const turn = Math.floor((least + 180) / 360) * 360;
  return turn === 0 ? ring : ring.map(({ latitude, longitude }) => ({ latitude, longitude: longitude - turn }));
}

/** Whether two edges of a ring cross each other. Edges that only touch, as those of a ring with a hole do, don't cross. */
export function crossesItself(points: readonly Point[]): boolean {
  const line = unwrapped(points);
  const edges = edgesOf(goesAroundPole(line) ? [...line, ...overPole(line)] : line).map(boxed);
  edges.sort((a, b) => a.south - b.south);
  for (const [n, edge] of edges.entries()) {
    for (let m = n + 1; m < edges.length; m++) {
      const other = edges[m] as (typeof edges)[number];
      if (other.south > edge.north) break;
      if (other.west <= edge.east && edge.west <= other.east && cross(edge.from, edge.to, other.from, other.to))
        return true;
    }
  }
  return false;
}

/** Whether a point lies in a normal ring, by the even-odd rule: what a crossing ring goes around twice is outside. */
export function ringContains(ring: readonly Point[], { latitude, longitude }: Point): boolean {
  let inside = false;
  for (const { from, to } of edgesOf(ring)) {
    if (from.latitude > latitude === to.latitude > latitude) continue;
    const part = (latitude - from.latitude) / (to.latitude - from.latitude);
    if (longitude < from.longitude + part * (to.longitude - from.longitude)) inside = !inside;
  }
  return inside;
}

/** The edges of a closed ring. */
export function edgesOf(ring: readonly Point[]): { from: Point; to: Point }[] {
  return ring.slice(1).map((to, n) => ({ from: ring[n] as Point, to }));
}

/** Whether two edges cross, touching not counted. */
export function cross(a: Point, b: Point, c: Point, d: Point): boolean {
  return side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;
}

const isClosed = (points: readonly Point[]): boolean => {
  const [first, last] = [points[0], points.at(-1)];
  return first?.latitude === last?.latitude && first?.longitude === last?.longitude;
};

/** The ring closed, with each point at the longitude that is nearest to the point before it. */
function unwrapped(points: readonly Point[]): Point[] {
  const closed = isClosed(points) ? points : [...points, points[0] as Point];
  let turns = 0;
  return closed.map(({ latitude, longitude }, n) => {
    const step = longitude - (closed[n - 1]?.longitude ?? longitude);
    if (step > 180) turns -= 360;
    if (step < -180) turns += 360;
    return { latitude, longitude: longitude + turns };
  });
}

/** A ring that comes back to its first point on another turn of the globe has gone around a pole. */
function goesAroundPole(line: readonly Point[]): boolean {
  return Math.abs((line.at(-1)?.longitude ?? 0) - (line[0]?.longitude ?? 0)) > 180;
}

/** What closes a line around the globe: to the nearer pole, along it, and back to its first point. */
function overPole(line: readonly Point[]): Point[] {
  const first = line[0] as Point;
  const last = line.at(-1) as Point;
  const latitude = line.reduce((sum, point) => sum + point.latitude, 0) < 0 ? -90 : 90;
  return [{ latitude, longitude: last.longitude }, { latitude, longitude: first.longitude }, first];
}

const boxed = ({ from, to }: { from: Point; to: Point }) => ({
  from,
  to,
  south: Math.min(from.latitude, to.latitude),
  north: Math.max(from.latitude, to.latitude),
  west: Math.min(from.longitude, to.longitude),
  east: Math.max(from.longitude, to.longitude),
});

/** On which side of the line from a to b a point lies. */
function side(a: Point, b: Point, point: Point): number {
  return Math.sign(
    (b.longitude - a.longitude) * (point.latitude - a.latitude) -
      (b.latitude - a.latitude) * (point.longitude - a.longitude),
  );
}
