import { all, decimal, type Fields, fieldsOf, needed, pairs, text, textIn } from "./fields.ts";
import type { CapArea, CapCircle } from "./model.ts";
import { readDecimal, rounded } from "./number.ts";
import type { Point } from "./point.ts";
import { shown } from "./problems.ts";
import { atMost, type Reading, report } from "./reading.ts";
import { type RingFlaw, ringFlaws } from "./ring.ts";
import { words } from "./text.ts";
import type { Element } from "./xml.ts";

export const areaLayout = ["areaDesc", "polygon*", "circle*", "geocode*", "altitude", "ceiling"];

/** Reads an `area`. */
export function readArea(reading: Reading, element: Element): CapArea {
  const fields = fieldsOf(reading, element, areaLayout);
  if (all(fields, "ceiling").length > 0 && all(fields, "altitude").length === 0) {
    report(reading, element, "ceiling_without_altitude", "A ceiling needs an altitude.", "altitude");
  }
  return {
    areaDesc: needed(reading, fields, "areaDesc", text(reading, fields, "areaDesc")),
    polygon: readPolygons(reading, fields),
    circle: readCircles(reading, fields),
    geocode: pairs(reading, fields, "geocode"),
    altitude: decimal(reading, fields, "altitude"),
    ceiling: decimal(reading, fields, "ceiling"),
  };
}

/** The polygons of an area; an empty one counts as absent. */
export function readPolygons(reading: Reading, fields: Fields): Point[][] {
  return all(fields, "polygon").flatMap((element) => {
    const said = words(textIn(reading, element));
    return said.length === 0 ? [] : [readPolygon(reading, element, said)];
  });
}

/** The circles of an area; an empty one counts as absent. */
export function readCircles(reading: Reading, fields: Fields): CapCircle[] {
  return all(fields, "circle").flatMap((element) => {
    const said = textIn(reading, element);
    if (said === "") return [];
    const [pair = "", radius = "", ...more] = words(said);
    const centre = readPoint(reading, element, pair);
    const radiusKilometres = readDecimal(radius);
    if (centre && radiusKilometres >= 0 && more.length === 0) return [{ centre, radiusKilometres }];
    report(reading, element, "circle_bad", `${shown(said)} is no latitude,longitude and radius in kilometres.`);
    return [];
  });
}

function readPolygon(reading: Reading, element: Element, said: string[]): Point[] {
  atMost(element, said.length, reading.limits.points, "points");
  reading.points += said.length;
  atMost(element, reading.points, reading.limits.pointsOfAll, "points in all polygons");
  const bad = said.find((pair) => !pointForm.test(pair));
  if (bad !== undefined) {
    report(reading, element, "polygon_bad", `${shown(bad)} is no latitude,longitude.`);
    return [];
  }
  const points = said.flatMap((pair) => readPoint(reading, element, pair) ?? []);
  if (points.length < said.length) return [];
  const flaws = ringFlaws(points);
  for (const flaw of flaws) report(reading, element, `polygon_${flaw}`, sayings[flaw]);
  return flaws.includes("open") ? [...points, points[0] as Point] : points;
}

const sayings: Record<RingFlaw, string> = {
  short: "A polygon has at least four points, the last of them the first again.",
  open: "The last point of a polygon must be its first.",
  crosses_itself: "The polygon crosses itself.",
  crosses_date_line: "The polygon crosses the date line.",
  around_pole: "The polygon goes around a pole.",
};

/** A pair of coordinates; null where it is none, which is reported only if it is out of range. */
function readPoint(reading: Reading, element: Element, pair: string): Point | null {
  if (!pointForm.test(pair)) return null;
  const [latitude, longitude] = pair.split(",").map(readDecimal) as [number, number];
  if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 360)) {
    report(reading, element, "coordinate_range", `${shown(pair)} is not on the globe.`);
    return null;
  }
  if (Math.abs(longitude) <= 180) return { latitude, longitude };
  report(reading, element, "longitude_wrapped", `The longitude of ${shown(pair)} is not between -180 and 180.`);
  return { latitude, longitude: rounded(longitude - Math.sign(longitude) * 360) };
}

const pointForm = /^[+-]?(\d+(\.\d*)?|\.\d+),[+-]?(\d+(\.\d*)?|\.\d+)$/;
