/**
 * Reads a time of XML Schema in the form that CAP asks for: to the second, with a numeric zone, `-00:00` for UTC.
 *
 * @returns the time in that form and whether it came in it, or what is wrong with it
 * @see OASIS CAP 1.2, section 3.3.2
 */
export function readTime(text: string): { time: string; exact: boolean } | "time_bad" | "time_without_zone" {
  const parts = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)?$/i.exec(text);
  if (!parts) return "time_bad";
  const [, day, clock, , zone] = parts as unknown as [string, string, string, string?, string?];
  const local = Date.parse(`${day}T${clock}Z`);
  // A date that doesn't exist, like 30 February, is another one when written again; year 0 and hour 24 go the same way.
  const exists =
    !Number.isNaN(local) && new Date(local).toISOString() === `${day}T${clock}.000Z` && !day.startsWith("0000");
  if (!exists) return "time_bad";
  if (!zone) return "time_without_zone";
  const offset = zone.toUpperCase() === "Z" ? "-00:00" : zone;
  if (Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4)) > 14 * 60 || Number(offset.slice(4)) > 59)
    return "time_bad";
  return { time: `${day}T${clock}${offset}`, exact: `${day}T${clock}${offset}` === text };
}

/** A time of CAP's as an instant in UTC, `2018-08-15T22:52:00.000Z`. */
export function instantOf(time: string): string {
  return new Date(time).toISOString();
}

/** An instant in CAP's form, in UTC and cut to the second. */
export function capTime(instant: Date): string {
  return `${instant.toISOString().slice(0, 19)}-00:00`;
}
