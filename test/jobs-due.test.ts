import { lastDue } from "@dais/jobs/due";
import { describe, expect, test } from "vitest";

const due = (cron: string, zone: string, now: string) =>
  lastDue({ cron, zone: "tenant" }, zone, new Date(now))?.toISOString() ?? null;
/** Every moment that is found when one looks each ten minutes. */
function found(cron: string, zone: string, from: string, hours: number): string[] {
  const start = Date.parse(from);
  const looks = Array.from({ length: hours * 6 }, (_, n) => new Date(start + n * 600_000).toISOString());
  return [...new Set(looks.map((now) => due(cron, zone, now) as string))].filter((moment) => moment >= from).sort();
}

describe("when a schedule was due last", () => {
  test("at the moment itself it is due, and a millisecond before it is not", () => {
    expect(due("0 6 * * *", "Asia/Dubai", "2026-01-06T02:00:00.000Z")).toBe("2026-01-06T02:00:00.000Z");
    expect(due("0 6 * * *", "Asia/Dubai", "2026-01-06T01:59:59.999Z")).toBe("2026-01-05T02:00:00.000Z");
  });

  test("goes by the zone", () => {
    const now = "2026-01-06T12:00:00.000Z";
    expect(due("0 6 * * *", "Asia/Dubai", now)).toBe("2026-01-06T02:00:00.000Z");
    expect(due("0 6 * * *", "Asia/Kathmandu", now)).toBe("2026-01-06T00:15:00.000Z");
    expect(due("0 6 * * *", "America/New_York", now)).toBe("2026-01-06T11:00:00.000Z");
    expect(due("0 6 * * *", "Pacific/Kiritimati", now)).toBe("2026-01-05T16:00:00.000Z");
  });

  test("looks as far back as it must, up to a year", () => {
    const now = "2026-01-06T12:00:00.000Z";
    expect(due("0 6 * * 1", "Asia/Dubai", now)).toBe("2026-01-05T02:00:00.000Z");
    expect(due("0 6 1 * *", "Asia/Dubai", "2026-01-31T12:00:00.000Z")).toBe("2026-01-01T02:00:00.000Z");
    expect(due("0 6 1 2 *", "Asia/Dubai", now)).toBe("2025-02-01T02:00:00.000Z");
    expect(due("0 6 29 2 *", "Asia/Dubai", now)).toBeNull();
  });

  test("once a day also where the clock is put forward over it, or back", () => {
    expect(found("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00.000Z", 48)).toEqual([
      "2026-03-29T01:30:00.000Z",
      "2026-03-30T00:30:00.000Z",
    ]);
    expect(found("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00.000Z", 48)).toEqual([
      "2026-10-25T00:30:00.000Z",
      "2026-10-26T01:30:00.000Z",
    ]);
    // There the day begins at one o'clock.
    expect(found("0 0 * * *", "Asia/Beirut", "2026-03-28T12:00:00.000Z", 48)).toEqual([
      "2026-03-28T22:00:00.000Z",
      "2026-03-29T21:00:00.000Z",
    ]);
  });

  test("each so many seconds, of UTC", () => {
    const every = (seconds: number) => lastDue({ everySeconds: seconds }, "UTC", new Date("2026-01-06T12:34:56.789Z"));
    expect(every(3600)).toEqual(new Date("2026-01-06T12:00:00.000Z"));
    expect(every(60)).toEqual(new Date("2026-01-06T12:34:00.000Z"));
  });
});
