import type { CapArea, CapInfo } from "@dais/cap/model";
import type { Place } from "@dais/contracts/signals/place";
import type { Input } from "../reports.ts";
import { cut, oneLine } from "./words.ts";

// What the contract takes of one signal.
const most = { polygons: 200, points: 5000, pointsOfAll: 10_000, circles: 200, geocodes: 1000 };

const areasOf = (infos: readonly CapInfo[]): CapArea[] => infos.flatMap(({ area }) => area);
const different = <T>(list: readonly T[]): T[] => [...new Map(list.map((one) => [JSON.stringify(one), one])).values()];

/** The words of all areas, each once. Those of the first language: others say the same. */
export function areaOf(infos: readonly CapInfo[]): string | null {
  const [{ language } = { language: null }] = infos;
  const same = infos.filter((info) => info.language === language);
  const words = different(areasOf(same).flatMap(({ areaDesc }) => areaDesc.trim() || []));
  return words.length > 0 ? cut(words.join("; "), 2000) : null;
}

/** All shapes of all areas, each once, as many as a signal takes. The alert keeps them all. */
export function placeOf(infos: readonly CapInfo[]): Place | null {
  const areas = areasOf(infos);
  let points = 0;
  const polygons = different(areas.flatMap(({ polygon }) => polygon))
    .filter((ring) => ring.length >= 4 && ring.length <= most.points)
    .slice(0, most.polygons)
    .filter((ring) => {
      const fits = points + ring.length <= most.pointsOfAll;
      if (fits) points += ring.length;
      return fits;
    })
    .map((ring) => ring.map(({ latitude, longitude }) => ({ lat: latitude, lon: longitude })));
  const circles = different(areas.flatMap(({ circle }) => circle))
    .slice(0, most.circles)
    .map(({ centre, radiusKilometres }) => ({
      lat: centre.latitude,
      lon: centre.longitude,
      radiusKm: Math.min(radiusKilometres, 20_037),
    }));
  return polygons.length + circles.length > 0 ? { points: [], polygons, circles } : null;
}

/** All codes of all areas, each once. */
export function geocodesOf(infos: readonly CapInfo[]): Input["geocodes"] {
  const pairs = areasOf(infos).flatMap(({ geocode }) => geocode);
  const codes = pairs.flatMap(({ valueName, value }) => {
    const code = { scheme: oneLine(valueName.replaceAll("=", "_"), 80), value: oneLine(value, 200) };
    return code.scheme && code.value ? [code] : [];
  });
  return different(codes).slice(0, most.geocodes);
}
