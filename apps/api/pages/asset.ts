import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Context } from "hono";

/** Something that is the same for everybody: rendered once, served with a strong ETag. */
export type Asset = {
  readonly type: string;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly digest: string;
  readonly headers: Record<string, string>;
  zipped?: Promise<Uint8Array<ArrayBuffer>>;
};

export function asset(type: string, content: string | Uint8Array, headers: Record<string, string> = {}): Asset {
  const body = new Uint8Array(Buffer.from(content));
  return { type, body, digest: createHash("sha256").update(body).digest("base64url").slice(0, 22), headers };
}

/** The asset's address with its digest, for which it may be kept for ever. */
export const versioned = (path: string, { digest }: Asset): string => `${path}?v=${digest}`;

/**
 * Answers with the asset, or with 304 where the caller has it. Zipped where the caller takes that; the two forms are two
 * representations, so each has an ETag of its own.
 * @see RFC 9110, sections 8.8.3 and 13.1.2
 */
export async function serve(c: Context, found: Asset, status = 200): Promise<Response> {
  const zip =
    found.body.byteLength > 1000 && /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(c.req.header("accept-encoding") ?? "");
  const etag = `"${found.digest}${zip ? "-gzip" : ""}"`;
  const headers: Record<string, string> = {
    etag,
    vary: "Accept, Accept-Encoding",
    "cache-control": c.req.query("v") === found.digest ? "public, max-age=31536000, immutable" : "no-cache",
    ...found.headers,
  };
  const known = (c.req.header("if-none-match") ?? "").split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  if (status === 200 && (known.includes(etag) || known.includes("*")))
    return new Response(null, { status: 304, headers });
  if (zip) found.zipped ??= compress(found.body);
  const body = zip ? await found.zipped : found.body;
  return new Response(body, {
    status,
    headers: { ...headers, "content-type": found.type, ...(zip ? { "content-encoding": "gzip" } : {}) },
  });
}

const compress = async (body: Uint8Array): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await promisify(gzip)(body));
