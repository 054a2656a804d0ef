import type { Fetched } from "./port.ts";
import type { Row } from "./rows.ts";

const minuteMs = 60_000;
/** A feed that fails is asked twice as late each time, until it is asked every six hours; one that is asked less often anyway, as often as usual. */
const latestMinutes = 360;
const dayMs = 24 * 60 * minuteMs;

/** How a feed fares after an answer. What is known of its last good one stays while it fails. */
export function becomes(feed: Row, fetched: Fetched, now: Date): Partial<Row> {
  if (fetched.kind === "failed") {
    const failures = feed.failures + 1;
    const waitMs = Math.max(backoffMs(feed, failures), Math.min((fetched.retryAfterSeconds ?? 0) * 1000, dayMs));
    return { askedAt: now, lastError: fetched.code, failures, nextAt: new Date(now.getTime() + waitMs) };
  }
  const nextAt = new Date(now.getTime() + feed.everyMinutes * minuteMs);
  const good = { askedAt: now, lastGoodAt: now, lastError: null, failures: 0, nextAt };
  return fetched.kind === "unchanged" ? good : { ...good, etag: fetched.etag, lastModified: fetched.lastModified };
}

function backoffMs({ everyMinutes }: Pick<Row, "everyMinutes">, failures: number): number {
  const most = Math.max(latestMinutes, everyMinutes);
  return Math.min(everyMinutes * 2 ** Math.min(failures, 20), most) * minuteMs;
}
