import { quietUntil } from "@dais/modules/dispatches/sending";
import { describe, expect, test } from "vitest";

/** One zone for each distance from UTC that is in use, half and quarter hours among them. */
const zones = [
  ...["Pacific/Pago_Pago", "Pacific/Honolulu", "Pacific/Marquesas", "America/Anchorage", "America/Los_Angeles"],
  ...["America/Denver", "America/Chicago", "America/New_York", "America/Halifax", "America/St_Johns"],
  ...["America/Sao_Paulo", "America/Noronha", "Atlantic/Azores", "Europe/London", "Europe/Paris", "Africa/Cairo"],
  ...["Europe/Moscow", "Asia/Tehran", "Asia/Dubai", "Asia/Kabul", "Asia/Karachi", "Asia/Kolkata", "Asia/Kathmandu"],
  ...["Asia/Dhaka", "Asia/Yangon", "Asia/Bangkok", "Asia/Singapore", "Australia/Eucla", "Asia/Tokyo"],
  ...["Australia/Darwin", "Australia/Brisbane", "Australia/Adelaide", "Australia/Sydney", "Australia/Lord_Howe"],
  ...["Pacific/Noumea", "Pacific/Auckland", "Pacific/Chatham", "Pacific/Kiritimati"],
];
const hours = { from: "21:30", to: "06:15" };
const clock = (zone: string, at: Date) =>
  new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(at);

describe("quiet hours", () => {
  test("there are 38 zones, each another distance from UTC on some day of the year", () => {
    expect(new Set(zones).size).toBe(38);
  });

  test.each(zones)("%s: they end when its own clocks say so, from whatever hour of four days one looks", (zone) => {
    for (let hour = 0; hour < 96; hour += 1) {
      const now = new Date(Date.UTC(2026, 10, 20, hour, 7));
      const until = quietUntil(hours, zone, now);
      const at = clock(zone, now);
      expect(until !== null).toBe(at >= "21:30" || at < "06:15");
      if (!until) continue;
      expect(clock(zone, until)).toBe("06:15");
      expect(until.getTime() - now.getTime()).toBeLessThanOrEqual(8.75 * 3_600_000);
      expect(until > now).toBe(true);
    }
  });

  test("within one day, where they begin and end on it", () => {
    const nap = { from: "13:00", to: "15:00" };
    expect(quietUntil(nap, "Asia/Dubai", new Date("2026-11-21T09:30:00Z"))).toEqual(new Date("2026-11-21T11:00:00Z"));
    expect(quietUntil(nap, "Asia/Dubai", new Date("2026-11-21T11:00:00Z"))).toBe(null);
  });

  test("the night in which the clocks change: whoever looks again until it is over comes past the hour", () => {
    for (const [zone, evening] of [
      ["Europe/Paris", "2026-03-28T23:30:00Z"],
      ["Europe/Paris", "2026-10-24T23:30:00Z"],
      ["America/New_York", "2026-11-01T03:30:00Z"],
      ["Australia/Lord_Howe", "2026-10-03T12:30:00Z"],
    ] as const) {
      const night = { from: "22:00", to: "02:30" };
      let now = new Date(evening);
      let looks = 0;
      for (let until = quietUntil(night, zone, now); until; until = quietUntil(night, zone, now)) {
        expect(until > now).toBe(true);
        now = until;
        looks += 1;
      }
      expect(looks).toBeGreaterThan(0);
      expect(looks).toBeLessThan(70);
      expect(clock(zone, now) >= "02:30" && clock(zone, now) < "04:00").toBe(true);
    }
  });

  test("equal ends, and a zone that this server doesn't know: never quiet", () => {
    expect(quietUntil({ from: "08:00", to: "08:00" }, "Asia/Dubai", new Date())).toBe(null);
    expect(quietUntil(hours, "Mars/Olympus", new Date())).toBe(null);
  });
});
