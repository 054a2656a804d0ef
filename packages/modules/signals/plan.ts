import type { Known } from "./known.ts";
import { alike, nearMs, type Report, type Whereabouts } from "./reports.ts";
import { union } from "./union.ts";

/** Reports that are one signal, with the signals that are there of it already: the oldest first, which remains. */
export type Joined = { signals: string[]; reports: Report[] };
export type Plan = {
  joined: Joined[];
  /** Reports that came already, word for word, and the report or signal that they repeat. */
  repeats: Map<Report, Report | string>;
};

/** What their source itself says of reports: the signals, and other reports, that speak of the same. */
export type Told = ReadonlyMap<Report, readonly (Report | string)[]>;

/**
 * Which reports are one signal: connected by the same source and external id, by what their source says, or by the same fingerprint
 * nearby. As connections only ever grow, it comes to the same in whatever order reports arrive, and whatever was taken back in between.
 */
export function planOf(reports: readonly Report[], known: Known, told: Told = new Map()): Plan {
  const repeats = new Map<Report, Report | string>();
  const first = new Map<string, Report>();
  for (const report of reports) {
    if (report.identity === null) continue;
    const key = `${report.identity} ${report.digest}`;
    const earlier = known.repeated.get(key) ?? first.get(key);
    if (earlier) repeats.set(report, earlier);
    else first.set(key, report);
  }
  const fresh = reports.filter((report) => !repeats.has(report));
  return {
    joined: joinedOf(fresh, known, (report) => (told.get(report) ?? []).map((one) => standing(one, repeats))),
    repeats,
  };
}

/** What stands for a report: itself, or what it repeats. */
const standing = (one: Report | string, repeats: Plan["repeats"]): Report | string =>
  typeof one === "string" ? one : (repeats.get(one) ?? one);

type Point = Whereabouts & { node: Report | string };

function joinedOf(fresh: readonly Report[], known: Known, toldOf: (report: Report) => (Report | string)[]): Joined[] {
  const one = union<Report | string>(fresh);
  const byIdentity = new Map<string, Report | string>(known.signals);
  const points = new Map<string, Point[]>();
  const add = (fingerprint: string, point: Point) => {
    const its = points.get(fingerprint) ?? [];
    its.push(point);
    points.set(fingerprint, its);
  };
  for (const report of fresh) {
    const same = report.identity === null ? undefined : byIdentity.get(report.identity);
    if (same !== undefined) one.join(same, report);
    else if (report.identity !== null) byIdentity.set(report.identity, report);
    for (const other of toldOf(report)) one.join(other, report);
    if (report.latitude !== null || report.areaKeys.length > 0)
      add(report.fingerprint, { ...whereaboutsOf(report), node: report });
  }
  for (const { fingerprint, signalId, ...near } of known.near) add(fingerprint, { ...near, node: signalId });
  for (const its of points.values()) joinAlike(its, one);

  return one.sets().flatMap((set) => {
    const its = set.filter((node) => typeof node !== "string");
    return its.length === 0 ? [] : [{ signals: set.filter((node) => typeof node === "string").sort(), reports: its }];
  });
}

const whereaboutsOf = ({ latitude, longitude, areaKeys, occurredAt }: Report): Whereabouts => ({
  latitude,
  longitude,
  areaKeys,
  occurredAt,
});

/** Joins what is alike, of one fingerprint. Two that are there already were compared when the later of them came. */
function joinAlike(points: Point[], one: ReturnType<typeof union<Report | string>>): void {
  points.sort((a, b) => a.occurredAt - b.occurredAt);
  for (const [n, { node, occurredAt }] of points.entries()) {
    if (typeof node === "string") continue;
    for (const step of [-1, 1]) {
      for (let m = n + step; points[m]; m += step) {
        const other = points[m] as Point;
        if (Math.abs(other.occurredAt - occurredAt) > nearMs) break;
        if (one.find(node) !== one.find(other.node) && alike(points[n] as Point, other)) one.join(node, other.node);
      }
    }
  }
}
