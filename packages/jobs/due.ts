import type { When } from "@dais/kernel/schedules";
import { CronExpressionParser } from "cron-parser";

const hour = 3_600_000;
const day = 24 * hour;

/**
 * The last moment at or before `now` that a schedule names, or null where there was none for a year. A time of day that a change to
 * summer time leaves out comes an hour later on that day, and one that happens twice counts once.
 */
export function lastDue(when: When, zone: string, now: Date): Date | null {
  if ("everySeconds" in when) {
    const ms = when.everySeconds * 1000;
    return new Date(Math.floor(now.getTime() / ms) * ms);
  }
  const near = quiet(zone, now);
  for (const days of [0, 1, 8, 40, 400]) {
    const found = lastBetween(when.cron, zone, near - days * day, now);
    if (found) return found;
  }
  return null;
}

/** @throws Error where the expression is none */
export function checkCron(when: When): void {
  if ("cron" in when) CronExpressionParser.parse(when.cron, { tz: "UTC" });
}

/** Forwards: cron-parser's way back misses what a change of the clock moves. */
function lastBetween(cron: string, zone: string, from: number, now: Date): Date | null {
  const moments = CronExpressionParser.parse(cron, { tz: zone, currentDate: new Date(from - 1) });
  let last: Date | null = null;
  for (let next = moments.next().toDate(); next <= now; next = moments.next().toDate()) last = next;
  return last;
}

/** The last morning, noon or evening in a zone: clocks are changed at night, and from within a change cron-parser counts otherwise. */
function quiet(zone: string, now: Date): number {
  const clock = hourIn(zone);
  let at = Math.floor(now.getTime() / hour) * hour;
  while (!["06", "12", "18"].includes(clock.format(at))) at -= hour;
  return at;
}

const clocks = new Map<string, Intl.DateTimeFormat>();
function hourIn(zone: string): Intl.DateTimeFormat {
  const clock =
    clocks.get(zone) ?? new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", hourCycle: "h23" });
  clocks.set(zone, clock);
  return clock;
}
