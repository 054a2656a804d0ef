import { boundingBox, centroid, type Point, type Shape } from "@dais/cap/geometry";
import type { SignalInput } from "@dais/contracts/signals";
import type { Place } from "@dais/contracts/signals/place";
import type { z } from "zod";
import { normalised } from "./fingerprint.ts";

/** What a place lies within, in degrees. `east` is beyond 180 where that crosses the date line. */
export type Bounds = { west: number; south: number; east: number; north: number };

const at = ({ lat, lon }: { lat: number; lon: number }): Point => ({ latitude: lat, longitude: lon });

/** The shapes of a place, as one can calculate with them. A circle without a radius is a point. */
export function shapesOf({ points, polygons, circles }: Place): Shape[] {
  return [
    ...points.map((point): Shape => ({ kind: "point", point: at(point) })),
    ...polygons.map((ring): Shape => ({ kind: "polygon", points: ring.map(at) })),
    ...circles.map(({ radiusKm, ...centre }): Shape => {
      if (radiusKm === 0) return { kind: "point", point: at(centre) };
      return { kind: "circle", centre: at(centre), radiusMetres: radiusKm * 1000 };
    }),
  ];
}

/** The smallest box around all shapes of a place. */
export function boundsOf(place: Place): Bounds {
  const boxes = shapesOf(place).map(boundingBox);
  const spans = boxes.map(({ west, east }) => ({ west, east: east < west ? east + 360 : east }));
  const { west, east } = smallest(spans);
  const south = boxes.reduce((least, box) => Math.min(least, box.south), 90);
  const north = boxes.reduce((most, box) => Math.max(most, box.north), -90);
  return { west, south, east, north };
}

type Span = { west: number; east: number };

/** Around the globe there is a way to hold all spans from the west end of each; the shortest is the one. */
function smallest(spans: readonly Span[]): Span {
  const around = spans.map(({ west }) => ({
    west,
    east: spans.reduce((most, one) => Math.max(most, one.west < west ? one.east + 360 : one.east), west),
  }));
  const best = around.reduce((a, b) => (b.east - b.west < a.east - a.west ? b : a));
  return best.east - best.west >= 360 ? { west: -180, east: 180 } : best;
}

/** The middle of a place, from which distances are measured: of several shapes, the mean of their middles. */
export function middleOf(place: Place): Point {
  const middles = shapesOf(place).map(centroid);
  return middles.length === 1 ? (middles[0] as Point) : mean(middles);
}

/** As places in space, brought back to the globe: right at the date line. */
function mean(points: readonly Point[]): Point {
  let [x, y, z] = [0, 0, 0];
  for (const { latitude, longitude } of points) {
    const [north, east] = [(latitude * Math.PI) / 180, (longitude * Math.PI) / 180];
    x += Math.cos(north) * Math.cos(east);
    y += Math.cos(north) * Math.sin(east);
    z += Math.sin(north);
  }
  const degrees = 180 / Math.PI;
  return { latitude: Math.atan2(z, Math.hypot(x, y)) * degrees, longitude: Math.atan2(y, x) * degrees };
}

type Geocode = { scheme: string; value: string };

/** Geocodes as the database keeps them: `scheme=value`, each once. A scheme has no `=`. */
export const keptGeocodes = (geocodes: readonly Geocode[]): string[] => [
  ...new Set(geocodes.map(({ scheme, value }) => `${scheme}=${value}`)),
];
export const shownGeocode = (kept: string): Geocode => {
  const [scheme = ""] = kept.split("=", 1);
  return { scheme, value: kept.slice(scheme.length + 1) };
};

/** What two reports are compared by where not both have a place: each geocode, and the area's words. */
export function areaKeysOf({ geocodes, area }: Pick<z.infer<typeof SignalInput>, "geocodes" | "area">): string[] {
  const words = area === null ? "" : normalised(area);
  return [...keptGeocodes(geocodes), ...(words === "" ? [] : [`=${words}`])];
}
