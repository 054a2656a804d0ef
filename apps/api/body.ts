import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import { Problem } from "@dais/kernel/problem";
import type { Context } from "hono";
import { parseJson } from "./json.ts";
import { field, incoming } from "./request.ts";

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
  const [type = "", ...parameters] = (field(c, "content-type") ?? "").toLowerCase().split(";");
  if (type.trim() === "") return empty;
  const charset = parameters.map((p) => p.trim()).find((p) => p.startsWith("charset="));
  return /^application\/(json|[\w.-]+\+json)$/.test(type.trim()) && (!charset || /^charset="?utf-8"?$/.test(charset));
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
