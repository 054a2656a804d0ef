import type { ContactPreferences } from "@dais/contracts/contacts";

type Hours = NonNullable<ContactPreferences["quietHours"]>;

const minute = 60_000;

/**
 * When somebody's quiet hours end, in their time zone; null where it isn't quiet now, or where the zone is none that this server knows. Where a
 * change of the clock moves that moment it is near it, and never now: whoever looks then finds it quiet still, or not.
 */
export function quietUntil({ from, to }: Hours, zone: string, now: Date): Date | null {
  const [begin, end] = [minutesOf(from), minutesOf(to)];
  const at = clockIn(zone, now);
  if (!at) return null;
  const quiet = begin <= end ? at.minutes >= begin && at.minutes < end : at.minutes >= begin || at.minutes < end;
  if (!quiet) return null;
  const wanted = at.midnight + (at.minutes < end ? 0 : 24 * 60 * minute) + end * minute;
  const guess = new Date(wanted - at.offset);
  const there = clockIn(zone, guess)?.offset ?? at.offset;
  return new Date(Math.max(wanted - there, now.getTime() + minute));
}

/** Why somebody is not sent anything yet, as their record says it. By `heldLike` they are found again. */
export const heldUntil = (to: string, zone: string): string => `Quiet until ${to} (${zone}).`;
export const heldLike = "%Quiet until %";

const minutesOf = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));

/** What a clock on the wall shows: as if it were UTC, the midnight before, and how far it is ahead of UTC. */
function clockIn(zone: string, moment: Date): { minutes: number; midnight: number; offset: number } | null {
  const clock = clockOf(zone);
  if (!clock) return null;
  const parts = Object.fromEntries(clock.formatToParts(moment).map(({ type, value }) => [type, Number(value)]));
  const { year, month, day, hour, minute: min } = parts as Record<string, number>;
  const midnight = Date.UTC(year as number, (month as number) - 1, day);
  const minutes = (hour as number) * 60 + (min as number);
  const shown = midnight + minutes * minute;
  return { minutes, midnight, offset: shown - Math.floor(moment.getTime() / minute) * minute };
}

const clocks = new Map<string, Intl.DateTimeFormat | null>();
function clockOf(zone: string): Intl.DateTimeFormat | null {
  const known = clocks.get(zone);
  if (known !== undefined) return known;
  const digits = "2-digit" as const;
  let made: Intl.DateTimeFormat | null;
  try {
    const parts = { year: "numeric", month: digits, day: digits, hour: digits, minute: digits } as const;
    made = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hourCycle: "h23", ...parts });
  } catch {
    made = null; // somebody's zone that this server's list of zones doesn't have
  }
  clocks.set(zone, made);
  return made;
}
