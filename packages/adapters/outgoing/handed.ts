import type { Consequence, Found, Handed, Unsent } from "@dais/kernel/couriers/port";
import type { Heard } from "./line.ts";
import { waitOf } from "./wait.ts";

type Refused = Extract<Handed, { kind: "refused" }>;

export const refused = (code: string, then: Consequence = "fallback", retryAfterMs: number | null = null): Refused => ({
  kind: "refused",
  code,
  then,
  retryAfterMs,
});

/** Refused because it was asked for too much at once: whoever comes next would be, too. */
export const limited = (code: string, retryAfterMs: number | null = null): Refused => ({
  ...refused(code, "retry", retryAfterMs),
  limited: true,
});

/** Every vendor's limit of its own: refused before anything was done, so it can be said again. @see RFC 6585, section 4 */
export const tooMany = (heard: Extract<Heard, { kind: "answered" }>, code: string, now: Date): Refused => {
  const seconds = waitOf(heard.header("retry-after"), now);
  return limited(code, seconds === null ? null : seconds * 1000);
};

/**
 * What is certain of a message without reading the answer's body; null where that decides.
 *
 * An answer of 5xx, like a lost one, leaves open whether it was taken: a gateway that gave up waiting says the same as a vendor that did
 * nothing. So does 408, which gateways use for both.
 */
export function withoutBody(heard: Heard): Handed | Unsent | null {
  if (heard.kind === "lost" && heard.code === "called_off") return { kind: "unsent" };
  if (heard.kind === "lost") return heard.left ? { kind: "unknown", code: heard.code } : refused(heard.code, "retry");
  const open = heard.status >= 500 || heard.status === 408 || heard.status < 200;
  return open ? { kind: "unknown", code: `http_${heard.status}` } : null;
}

/** The JSON object of an answer's body, or null. */
export function objectIn(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

/** A text that a vendor gave, as far as it can be one that we keep: a name or number of a few characters. */
export const short = (value: unknown): string | null =>
  typeof value === "string" && /^[\x21-\x7e]{1,200}$/.test(value) ? value : null;

/** A vendor's error code, fit for a column and a log line: lower case, and nothing that somebody else could have written into it. */
export const codeFrom = (value: unknown): string | null =>
  typeof value === "string" && /^[a-z][a-z0-9_.-]{0,79}$/i.test(value) ? value.toLowerCase() : null;

export const away: Found = { kind: "away" };
