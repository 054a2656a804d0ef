/**
 * A reference to a URI in a form that XML Schema's anyURI surely takes: as it is where it is one, otherwise with what a URI can't hold
 * percent-encoded.
 *
 * @see RFC 3986, section 4.1, and RFC 3987: other letters than ASCII's may stay
 */
export function uriForm(text: string): string {
  if (isUri(text)) return text;
  const encoded = encodeURI(text.toWellFormed()).replaceAll(/%25(?=[0-9a-f]{2})/gi, "%");
  return isUri(encoded) ? encoded : encodeURIComponent(text.toWellFormed());
}

function isUri(text: string): boolean {
  // Letters beyond ASCII are legal in an anyURI; one that a URI may have stands for them.
  return reference.test(text.replaceAll(/[^\0-\x7f]/g, "_"));
}

const safe = "[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2}";
const segment = `(?:${safe}|[:@])`;
const authority = `//(?:(?:${safe}|:)*@)?(?:\\[[0-9A-Fa-f:.]+\\]|(?:${safe})*)(?::\\d{1,5})?(?:/(?:${segment}|/)*)?`;
const absolute = `[A-Za-z][A-Za-z0-9+.-]*:(?:${authority}|/?(?:${segment}(?:${segment}|/)*)?)`;
// Without a scheme, the first part must not look as if it had one.
const relative = `(?:${authority}|/(?:${segment}(?:${segment}|/)*)?|(?:${safe}|@)+(?:/(?:${segment}|/)*)?)?`;
const tail = `(?:${segment}|[/?])*`;
const reference = new RegExp(`^(?:${absolute}|${relative})(?:\\?${tail})?(?:#${tail})?$`);
