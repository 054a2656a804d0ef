import { aSignal } from "./samples.ts";
import type { Report } from "./signals.ts";

const minute = 60_000;
const start = Date.UTC(2026, 0, 6, 4);
const degreesOf = (km: number) => km / 111.195;
const instant = (time: number) => new Date(time).toISOString();
/** The same title as different sources write it. */
const ways = [
  (n: number) => `Warehouse ${n}: fire in the أعلى hall`,
  (n: number) => `WAREHOUSE ${n} - FIRE in the اعلى hall!`,
  (n: number) => `warehouse  ${n.toLocaleString("ar-EG", { useGrouping: false })}, fire in the أعـلى hall`,
];

/**
 * Ten reports of each of so many signals, in towns of five: of several sources, on the way of chains that are longer than an hour and
 * 5 km, under titles that others far away have as well. Some come again word for word, some again under their external id with other words.
 */
export const manyReports = (signals: number): Report[] =>
  Array.from({ length: signals }, (_, n) => Array.from({ length: 10 }, (_, m) => reportOf(n, m))).flat();

function reportOf(n: number, m: number): Report {
  const town = Math.floor(n / 5);
  const [south, west] = [-60 + (town % 40) * 3, -179 + Math.floor(town / 40) * 5];
  const at = start + (town % 7) * 90 * minute + m * 20 * minute;
  const external = m >= 7 ? { source: `wire-${n % 3}`, externalId: `x-${n}` } : { source: `source-${m % 4}` };
  // The last one repeats the one before it.
  const step = m === 9 ? 8 : m;
  const time = m === 9 ? at - 20 * minute : at;
  return aSignal({
    ...external,
    title: (ways[(n + step) % 3] as (n: number) => string)(n % Math.max(5, 500)),
    body: `Report ${step} of ${n}`,
    severity: ["minor", "moderate", "severe", "unknown"][(n + step) % 4],
    category: ["fire", "met"][town % 2],
    confidence: step % 3 === 0 ? null : ((n * 7 + step) % 100) / 100,
    place: {
      points: [{ lat: south + degreesOf((n % 5) * 7 + step * 0.7), lon: west }],
      polygons: [],
      circles: [],
    },
    geocodes: [{ scheme: "TOWN", value: `T${town}` }],
    occurredAt: instant(time),
    reportedAt: instant(time + ((n + step * 3) % 5) * minute),
  });
}
