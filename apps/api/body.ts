import { isUtf8 } from "node:buffer";
import { hash } from "node:crypto";
import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import type { Upload } from "@dais/contracts/kit/operation";
import { Problem } from "@dais/kernel/problem";
import type { Context } from "hono";
import { parseJson } from "./json.ts";
import { field, incoming } from "./request.ts";
import { misplaced } from "./rest-input.ts";

/** How much of a body is taken, and how long it may take to arrive. */
export type BodyLimits = { bytes: number; waitMs: number };
export const bodyLimits: BodyLimits = { bytes: 1024 * 1024, waitMs: 15_000 };

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Reads a JSON body; undefined where there is none. Judged in order: media type, size, time, form.
 * @throws unsupported_media_type, payload_too_large, body_timeout, malformed_json
 */
export async function readJson(c: Context, limits = bodyLimits): Promise<unknown> {
  const text = await readText(c, limits);
  return text === "" ? undefined : parseJson(text);
}

/**
 * Reads a form as browsers send it by default; empty where there is none.
 * @throws unsupported_media_type, payload_too_large, body_timeout
 */
export async function readForm(c: Context, limits = bodyLimits): Promise<URLSearchParams> {
  const [type = ""] = (field(c, "content-type") ?? "").toLowerCase().split(";");
  const length = Number(field(c, "content-length") ?? 0);
  if (length === 0 && field(c, "transfer-encoding") === undefined) return new URLSearchParams();
  if (type.trim() !== "application/x-www-form-urlencoded") throw new Problem("unsupported_media_type");
  if (length > limits.bytes) throw new Problem("payload_too_large", { limitBytes: limits.bytes });
  return new URLSearchParams((await collect(streamOf(c), limits)).toString());
}

/**
 * Reads a body of one media type that is text on one line, as tokens are.
 * @throws unsupported_media_type, payload_too_large, body_timeout
 */
export async function readToken(c: Context, mediaType: string, limits = bodyLimits): Promise<string> {
  const [type = ""] = (field(c, "content-type") ?? "").toLowerCase().split(";");
  if (type.trim() !== mediaType) throw new Problem("unsupported_media_type");
  if (Number(field(c, "content-length") ?? 0) > limits.bytes)
    throw new Problem("payload_too_large", { limitBytes: limits.bytes });
  return (await collect(streamOf(c), limits)).toString("latin1").trim();
}

/**
 * Reads an upload's document as it is: what encoding it has, it says itself. Where a charset is said as well it must be UTF-8, and true.
 * @throws unsupported_media_type, payload_too_large, body_timeout, invalid_input
 */
export async function readDocument(
  c: Context,
  { types, bytes: most }: Upload,
  { waitMs } = bodyLimits,
): Promise<Buffer> {
  const { type, charset } = contentType(c);
  if (!types.includes(type) || (charset !== null && charset !== "utf-8")) throw new Problem("unsupported_media_type");
  if ((field(c, "content-encoding") ?? "identity").toLowerCase() !== "identity")
    throw new Problem("unsupported_media_type");
  if (Number(field(c, "content-length") ?? 0) > most) throw new Problem("payload_too_large", { limitBytes: most });
  const bytes = await collect(streamOf(c), { bytes: most, waitMs });
  if (charset !== null && !isUtf8(bytes))
    throw misplaced(["body"], "invalid_encoding", "It is said to be UTF-8, and isn't.");
  if (!asDigested(field(c, "content-digest"), bytes))
    throw misplaced(["body"], "content_digest", "It is not what Content-Digest says, or that can't be read.");
  return bytes;
}

/**
 * Reads a body as it is, whatever it says of itself: whoever signed it signed these bytes.
 * @throws payload_too_large, body_timeout
 */
export async function readBytes(c: Context, limits = bodyLimits): Promise<Buffer> {
  const length = Number(field(c, "content-length") ?? 0);
  if (length > limits.bytes) throw new Problem("payload_too_large", { limitBytes: limits.bytes });
  const empty = length === 0 && field(c, "transfer-encoding") === undefined;
  return empty ? Buffer.alloc(0) : collect(streamOf(c), limits);
}

/** Whether the bytes are those that were sent. Other digests than SHA-256 are nothing to go by. @see RFC 9530, section 2 */
function asDigested(digests: string | undefined, bytes: Buffer): boolean {
  if (digests === undefined) return true;
  const said = /(?:^|,)\s*sha-256=([^,]*)/i.exec(digests)?.[1]?.trim();
  return said === undefined || said === `:${hash("sha256", bytes, "base64")}:`;
}

export async function readText(c: Context, limits = bodyLimits): Promise<string> {
  const length = Number(field(c, "content-length") ?? 0);
  const empty = length === 0 && field(c, "transfer-encoding") === undefined;
  if (!isJson(c, empty)) throw new Problem("unsupported_media_type");
  if (empty) return "";
  if (length > limits.bytes) throw new Problem("payload_too_large", { limitBytes: limits.bytes });
  const bytes = await collect(streamOf(c), limits);
  try {
    return utf8.decode(bytes);
  } catch {
    throw new Problem("malformed_json", { errors: [{ pointer: "", code: "malformed_json", message: "Not UTF-8." }] });
  }
}

/** JSON in UTF-8, as it is: a compressed body could be a bomb. */
function isJson(c: Context, empty: boolean): boolean {
  if ((field(c, "content-encoding") ?? "identity").toLowerCase() !== "identity") return false;
  const { type, charset } = contentType(c);
  if (type === "") return empty;
  return /^application\/(json|[\w.-]+\+json)$/.test(type) && (charset === null || charset === "utf-8");
}

/** The media type, and the charset where one is said; both in small letters. */
function contentType(c: Context): { type: string; charset: string | null } {
  const [type = "", ...parameters] = (field(c, "content-type") ?? "").toLowerCase().split(";");
  const charset = parameters.map((p) => p.trim()).find((p) => p.startsWith("charset="));
  return { type: type.trim(), charset: charset?.slice("charset=".length).replace(/^"(.*)"$/, "$1") || null };
}

/** Node's own stream where there is one: the web's, on top of it, costs as much as the rest of a small body's reading. */
const streamOf = (c: Context): Readable => incoming(c) ?? Readable.fromWeb(c.req.raw.body as ReadableStream);

function collect(stream: Readable, limits: BodyLimits): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const over = () => {
      clearTimeout(timer);
      stream.off("data", take).off("end", done).off("close", broken).pause();
    };
    const refuse = (problem: Problem) => {
      over();
      reject(problem);
    };
    const take = (chunk: Buffer) => {
      size += chunk.byteLength;
      chunks.push(chunk);
      if (size > limits.bytes) refuse(new Problem("payload_too_large", { limitBytes: limits.bytes }));
    };
    const done = () => {
      over();
      resolve(Buffer.concat(chunks));
    };
    const broken = () => refuse(new Problem("malformed_json"));
    const timer = setTimeout(() => refuse(new Problem("body_timeout")), limits.waitMs);
    if (stream.destroyed) return broken();
    stream.on("error", broken).on("close", broken).on("data", take).on("end", done);
  });
}
