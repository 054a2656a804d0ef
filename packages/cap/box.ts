import { haversine, metresOf, type Point, radians, wrapped } from "./point.ts";

/** A box in degrees. One that crosses the date line has its `west` above its `east`. @see RFC 7946, section 5.2 */
export type Box = { south: number; west: number; north: number; east: number };

/** The smallest box around a normal ring, or around a point. */
export function boxOf(ring: readonly Point[]): Box {
  let [south, west, north, east] = [90, Number.POSITIVE_INFINITY, -90, Number.NEGATIVE_INFINITY];
  for (const { latitude, longitude } of ring) {
    south = Math.min(south, latitude);
    north = Math.max(north, latitude);
    west = Math.min(west, longitude);
    east = Math.max(east, longitude);
  }
  if (east - west >= 360) return { south, west: -180, north, east: 180 };
  return { south, west: wrapped(west), north, east: wrapped(east) };
}

/** The box in parts of which none crosses the date line: one or two. @see RFC 7946, section 3.1.9 */
export function splitBox(box: Box): Box[] {
  return box.west <= box.east
    ? [box]
    : [
        { ...box, east: 180 },
        { ...box, west: -180 },
      ];
}

/** A distance that nothing in one box and nothing in the other is nearer than. 0 where they meet. */
export function metresBetweenBoxes(a: Box, b: Box): number {
  const latitudeGap = Math.max(0, a.south - b.north, b.south - a.north);
  const gaps = splitBox(a).flatMap((one) => splitBox(b).map((other) => longitudeGap(one, other)));
  const furthest = Math.max(...[a, b].flatMap(({ south, north }) => [Math.abs(south), Math.abs(north)]));
  const across = Math.cos(radians(furthest)) ** 2 * haversine(radians(Math.min(...gaps)));
  return metresOf(haversine(radians(latitudeGap)) + Math.max(0, across));
}

function longitudeGap(a: Box, b: Box): number {
  const gap = Math.max(0, a.west - b.east, b.west - a.east);
  // The other way around the globe may be shorter.
  const around = 360 - (Math.max(a.east, b.east) - Math.min(a.west, b.west));
  return Math.min(gap, Math.max(0, around));
}
