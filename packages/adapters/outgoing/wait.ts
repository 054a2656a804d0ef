/** How many seconds somebody wants to be left alone, by their `Retry-After`; null where they say nothing of use. @see RFC 9110, section 10.2.3 */
export function waitOf(said: string | null, now: Date): number | null {
  if (said === null) return null;
  const seconds = /^\d{1,9}$/.test(said) ? Number(said) : Math.ceil((Date.parse(said) - now.getTime()) / 1000);
  return Number.isFinite(seconds) && seconds > 0 ? seconds : null;
}
