import { boxOf, metresBetweenBoxes } from "./box.ts";
import { metresBetween, type Point, radians } from "./point.ts";
import { cross, edgesOf, ringContains } from "./ring.ts";

/**
 * The distance from a point to a normal ring; 0 inside of it. Edges are straight on a map of degrees, and the nearest place is looked for
 * on a flat map around the point: exact to a few parts in a thousand below 100 km, and good enough to sort what is farther.
 */
export function metresToRing(point: Point, ring: readonly Point[]): number {
  return turns.some((turn) => ringContains(ring, moved(point, turn))) ? 0 : metresToEdges(point, ring);
}

/**
 * The distance of two normal rings; 0 where they overlap. What is known to be farther apart than `limitMetres` may be answered as
 * `Infinity`, which saves most of the work.
 */
export function metresBetweenRings(a: readonly Point[], b: readonly Point[], limitMetres = Infinity): number {
  if (turns.some((turn) => overlap(a, turn === 0 ? b : b.map((point) => moved(point, turn))))) return 0;
  return Math.min(metresFrom(a, b, limitMetres), metresFrom(b, a, limitMetres));
}

// A normal ring begins within -180 to 180, and may go on beyond: one turn further it may meet another.
const turns = [0, -360, 360];
const moved = ({ latitude, longitude }: Point, turn: number): Point => ({ latitude, longitude: longitude + turn });

function overlap(a: readonly Point[], b: readonly Point[]): boolean {
  if (ringContains(b, a[0] as Point) || ringContains(a, b[0] as Point)) return true;
  const [inA, inB] = [edgesNear(a, b), edgesNear(b, a)];
  return inA.some(({ from, to }) =>
    inB.some((other) => near(from, to, other) && cross(from, to, other.from, other.to)),
  );
}

/** The edges of a ring that reach into the flat box around another. */
function edgesNear(ring: readonly Point[], other: readonly Point[]) {
  const box = flatBox(other);
  return edgesOf(ring).filter((edge) => near(box.from, box.to, edge));
}

function flatBox(ring: readonly Point[]): { from: Point; to: Point } {
  const from = { latitude: Infinity, longitude: Infinity };
  const to = { latitude: -Infinity, longitude: -Infinity };
  for (const { latitude, longitude } of ring) {
    from.latitude = Math.min(from.latitude, latitude);
    from.longitude = Math.min(from.longitude, longitude);
    to.latitude = Math.max(to.latitude, latitude);
    to.longitude = Math.max(to.longitude, longitude);
  }
  return { from, to };
}

/** Whether the flat boxes of two edges meet. */
function near(from: Point, to: Point, other: { from: Point; to: Point }): boolean {
  return (
    Math.min(from.latitude, to.latitude) <= Math.max(other.from.latitude, other.to.latitude) &&
    Math.min(other.from.latitude, other.to.latitude) <= Math.max(from.latitude, to.latitude) &&
    Math.min(from.longitude, to.longitude) <= Math.max(other.from.longitude, other.to.longitude) &&
    Math.min(other.from.longitude, other.to.longitude) <= Math.max(from.longitude, to.longitude)
  );
}

/** The least distance from the corners of one ring to the edges of another. */
function metresFrom(corners: readonly Point[], ring: readonly Point[], limitMetres: number): number {
  const box = boxOf(ring);
  return corners.reduce((least, corner) => {
    const known = Math.min(least, limitMetres);
    const hopeless = Number.isFinite(known) && metresBetweenBoxes(boxOf([corner]), box) > known;
    return hopeless ? least : Math.min(least, metresToEdges(corner, ring));
  }, Infinity);
}

function metresToEdges(point: Point, ring: readonly Point[]): number {
  const narrowing = Math.cos(radians(point.latitude));
  let least = Infinity;
  let nearest = ring[0] as Point;
  const measure = (from: Point, to: Point, turn: number) => {
    const x = (from.longitude - point.longitude - turn * 360) * narrowing;
    const y = from.latitude - point.latitude;
    const dx = (to.longitude - from.longitude) * narrowing;
    const dy = to.latitude - from.latitude;
    const length = dx * dx + dy * dy;
    const part = length === 0 ? 0 : Math.min(1, Math.max(0, -(x * dx + y * dy) / length));
    const square = (x + part * dx) ** 2 + (y + part * dy) ** 2;
    if (square >= least) return;
    least = square;
    const longitude = from.longitude + part * (to.longitude - from.longitude);
    nearest = { latitude: from.latitude + part * dy, longitude };
  };
  for (let n = 1; n < ring.length; n++) {
    const [from, to] = [ring[n - 1] as Point, ring[n] as Point];
    // An edge beyond the date line may be nearest a turn further; a long one may be on either side.
    const turn = Math.round((from.longitude - point.longitude) / 360);
    const turnOfEnd = Math.round((to.longitude - point.longitude) / 360);
    measure(from, to, turn);
    if (turnOfEnd !== turn) measure(from, to, turnOfEnd);
  }
  return metresBetween(point, nearest);
}
