import { z } from "zod";

/** The address of a page that anybody could open: https, by a public name, and without a name and password in it. */
export const PublicPage = z
  .url({ protocol: /^https$/, error: "Must be an https URL." })
  .max(2000)
  .refine((url) => isPublic(url), "Must be a plain https URL of a host with a public name.")
  .describe("Address of a page elsewhere. Nobody has looked at what is there.");

/** Names that lead nowhere but into a network of one's own. @see RFC 6761, RFC 6762, RFC 8375, RFC 9476 */
const inside = /\.(localhost|local|internal|intranet|private|corp|home|lan|home\.arpa|test|invalid|alt|onion)\.?$/;

function isPublic(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.username !== "" || url.password !== "") return false;
  // Backslashes, controls and marks that turn the direction make an address look like another one.
  if (/[\s\p{Cc}\p{Cf}<>"\\]/u.test(text)) return false;
  const host = url.hostname;
  // The parser has made a dotted address of every way to write a number; a name of one label is of one's own network.
  const isNumber = host.startsWith("[") || /^[\d.]+$/.test(host);
  return !isNumber && /[^.]\.[^.]/.test(host) && !inside.test(host);
}
