/**
 * A name for a file, of any title: what a path, a shell or an eye could take for something else is left out, and it is no longer than
 * file systems take. Letters of all scripts stay.
 */
export function fileName(title: string, extension: string): string {
  const name = title
    .toWellFormed()
    .normalize("NFC")
    .replace(unseen, "")
    .replace(forbidden, " ")
    .replace(/\s+/gu, " ")
    .replace(/^[\s.]+/u, "");
  const short = clipped(name, 200 - extension.length).replace(/[\s.]+$/u, "");
  return `${reserved.test(short) || short === "" ? "document" : short}.${extension}`;
}

/**
 * The header that has a browser save an answer under a name. Who knows only Latin letters gets those of it.
 * @see RFC 6266, section 4; RFC 8187, section 3.2
 */
export function attachment(name: string): string {
  const safe = name.toWellFormed().replace(unseen, "").replace(forbidden, "_");
  const plain = safe.replace(/[^\x20-\x7e]+/g, "_").replaceAll("%", "_");
  const header = `attachment; filename="${plain}"`;
  if (plain === safe) return header;
  const encoded = encodeURIComponent(safe).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${header}; filename*=UTF-8''${encoded}`;
}

/** Controls, and what changes how a name looks without being seen: a name that ends in fdp.exe must look like it. */
const unseen = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\u2028\u2029]/gu;
/** What file systems and headers keep for themselves. */
const forbidden = /["*/:<>?\\|]/g;
const reserved = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

/** So many bytes of a text at most, and no half letter. */
function clipped(text: string, bytes: number): string {
  let size = 0;
  let kept = "";
  for (const character of text) {
    size += Buffer.byteLength(character);
    if (size > bytes) break;
    kept += character;
  }
  return kept;
}
