/**
 * The address of a link that may be followed, as WHATWG URL writes it: http and https without a name and password, and mailto. Null for all
 * else: `javascript:`, `data:`, what has no scheme, what can't be read.
 * @see https://url.spec.whatwg.org/#url-writing
 */
export function safeUrl(url: string): string | null {
  if (!/^(?:https?:\/\/|mailto:)/i.test(url) || !URL.canParse(url)) return null;
  const { protocol, username, password, href } = new URL(url);
  const plainly = username === "" && password === "";
  return plainly && ["http:", "https:", "mailto:"].includes(protocol) ? href : null;
}
