import { type Box, boxOf, metresBetweenBoxes } from "./box.ts";
import { metresBetweenRings, metresToRing } from "./distance.ts";
import type { CapArea } from "./model.ts";
import { earthRadiusMetres, metresBetween, type Point, radians, wrapped } from "./point.ts";
import { edgesOf, normalRing } from "./ring.ts";

export { type Box, splitBox } from "./box.ts";
export { metresBetween, type Point } from "./point.ts";
export { crossesItself, normalRing, type RingFlaw, ringFlaws } from "./ring.ts";

/** A place: a point, a ring as CAP has it, or what is within a radius. */
export type Shape =
  | { kind: "point"; point: Point }
  | { kind: "polygon"; points: readonly Point[] }
  | { kind: "circle"; centre: Point; radiusMetres: number };

/** The places of an area. A circle without a radius is a point. */
export function shapesOf({ polygon, circle }: Pick<CapArea, "polygon" | "circle">): Shape[] {
  return [
    ...polygon.map((points): Shape => ({ kind: "polygon", points })),
    ...circle.map(({ centre, radiusKilometres }): Shape => {
      const radiusMetres = radiusKilometres * 1000;
      return radiusMetres > 0 ? { kind: "circle", centre, radiusMetres } : { kind: "point", point: centre };
    }),
  ];
}

/**
 * The distance of two places along the globe, 0 where they overlap. Exact to 1 % below 100 km: right for asking whether something is
 * within 5 or 25 km, not for surveying.
 */
export function distanceMetres(a: Shape, b: Shape): number {
  return distanceUpTo(a, b, Infinity);
}

/** Whether two places are at most so far apart. Much cheaper than their distance where they are far apart. */
export function isWithin(a: Shape, b: Shape, metres: number): boolean {
  return metresBetweenBoxes(boundingBox(a), boundingBox(b)) <= metres && distanceUpTo(a, b, metres) <= metres;
}

/** The smallest box around a place. */
export function boundingBox(shape: Shape): Box {
  if (shape.kind === "polygon") return boxOf(normalRing(shape.points));
  if (shape.kind === "point") return boxOf([shape.point]);
  const { latitude, longitude } = shape.centre;
  const angle = shape.radiusMetres / earthRadiusMetres;
  const [south, north] = [latitude - degrees(angle), latitude + degrees(angle)];
  if (south <= -90 || north >= 90) {
    return { south: Math.max(-90, south), west: -180, north: Math.min(90, north), east: 180 };
  }
  // The meridians that touch a circle touch it nearer to the pole than its centre is.
  const reach = degrees(Math.asin(Math.min(1, Math.sin(angle) / Math.cos(radians(latitude)))));
  return { south, west: wrapped(longitude - reach), north, east: wrapped(longitude + reach) };
}

/** The middle of a place: of a polygon its centre of area, or the mean of its corners where it has no area or goes around a pole. */
export function centroid(shape: Shape): Point {
  if (shape.kind === "point") return shape.point;
  if (shape.kind === "circle") return shape.centre;
  const ring = normalRing(shape.points);
  const box = boxOf(ring);
  const around = box.east - box.west === 360 && ring.some(({ latitude }) => Math.abs(latitude) === 90);
  const middle = around ? null : centreOfArea(ring);
  return middle ?? meanOf(shape.points);
}

function distanceUpTo(a: Shape, b: Shape, limitMetres: number): number {
  if (a.kind === "circle")
    return Math.max(0, distanceUpTo(pointOf(a.centre), b, limitMetres + a.radiusMetres) - a.radiusMetres);
  if (b.kind === "circle") return distanceUpTo(b, a, limitMetres);
  if (a.kind === "point" && b.kind === "point") return metresBetween(a.point, b.point);
  if (a.kind === "point") return b.kind === "polygon" ? metresToRing(a.point, normalRing(b.points)) : Infinity;
  if (b.kind === "point") return distanceUpTo(b, a, limitMetres);
  return metresBetweenRings(normalRing(a.points), normalRing(b.points), limitMetres);
}

const pointOf = (point: Point): Shape => ({ kind: "point", point });
const degrees = (angle: number) => (angle * 180) / Math.PI;

function centreOfArea(ring: readonly Point[]): Point | null {
  const origin = ring[0] as Point;
  let [area, latitude, longitude] = [0, 0, 0];
  for (const { from, to } of edgesOf(ring)) {
    // From the first corner: large numbers would swallow the small differences of a small ring.
    const [x, y] = [from.longitude - origin.longitude, from.latitude - origin.latitude];
    const [x2, y2] = [to.longitude - origin.longitude, to.latitude - origin.latitude];
    const part = x * y2 - x2 * y;
    area += part;
    latitude += (y + y2) * part;
    longitude += (x + x2) * part;
  }
  const middle = {
    latitude: origin.latitude + latitude / (3 * area),
    longitude: wrapped(origin.longitude + longitude / (3 * area)),
  };
  // What crosses itself may have next to no area, and its centre anywhere.
  const { south, north } = boxOf(ring);
  return middle.latitude >= south && middle.latitude <= north && Number.isFinite(middle.longitude) ? middle : null;
}

/** The mean of corners as places in space, brought back to the globe: right at the date line and around a pole. */
function meanOf(ring: readonly Point[]): Point {
  let [x, y, z] = [0, 0, 0];
  // The last corner is the first again.
  for (const { latitude, longitude } of ring.slice(1)) {
    x += Math.cos(radians(latitude)) * Math.cos(radians(longitude));
    y += Math.cos(radians(latitude)) * Math.sin(radians(longitude));
    z += Math.sin(radians(latitude));
  }
  return { latitude: degrees(Math.atan2(z, Math.hypot(x, y))), longitude: degrees(Math.atan2(y, x)) };
}
