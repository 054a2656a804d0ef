/** Characters, encoded ones included: it goes into a header. */
const most = 2000;

/**
 * Where somebody may be sent back to: a path of ours, or the front page instead. A URL parser says what a browser would make of it, so that
 * `//evil.example`, `/\evil.example` and their kin lead nowhere. @see RFC 9700, section 4.11
 */
export function pathOfOurs(wanted: string | undefined, publicUrl: string): string {
  if (!wanted?.startsWith("/") || wanted.length > most || !URL.canParse(wanted, publicUrl)) return "/";
  const { origin, pathname, search, hash } = new URL(wanted, publicUrl);
  if (origin !== new URL(publicUrl).origin || pathname.startsWith("//")) return "/";
  const path = `${pathname}${search}${hash}`;
  return pathname.startsWith("/auth/") || path.length > most ? "/" : path;
}
