import { Problem } from "@dais/kernel/problem";
import { parseJson } from "./json.ts";

/** How much of a body is taken, and how long it may take to arrive. */
export type BodyLimits = { bytes: number; waitMs: number };
export const bodyLimits: BodyLimits = { bytes: 1024 * 1024, waitMs: 15_000 };

/**
 * Reads a JSON body; undefined where there is none. Judged in order: media type, size, time, form.
 * @throws unsupported_media_type, payload_too_large, body_timeout, malformed_json
 */
export async function readJson(request: Request, limits = bodyLimits): Promise<unknown> {
  const text = await readText(request, limits);
  return text === "" ? undefined : parseJson(text);
}

export async function readText(request: Request, limits = bodyLimits): Promise<string> {
  const length = Number(request.headers.get("content-length") ?? 0);
  const empty = request.body === null || (length === 0 && !request.headers.has("transfer-encoding"));
  if (!isJson(request.headers, empty)) throw new Problem("unsupported_media_type");
  if (empty) return "";
  if (length > limits.bytes) throw new Problem("payload_too_large", { limitBytes: limits.bytes });
  const bytes = await collect(request.body as ReadableStream<Uint8Array>, limits);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Problem("malformed_json", { errors: [{ pointer: "", code: "malformed_json", message: "Not UTF-8." }] });
  }
}

/** JSON in UTF-8, as it is: a compressed body could be a bomb. */
function isJson(headers: Headers, empty: boolean): boolean {
  if ((headers.get("content-encoding") ?? "identity").toLowerCase() !== "identity") return false;
  const [type = "", ...parameters] = (headers.get("content-type") ?? "").toLowerCase().split(";");
  if (type.trim() === "") return empty;
  const charset = parameters.map((p) => p.trim()).find((p) => p.startsWith("charset="));
  return /^application\/(json|[\w.-]+\+json)$/.test(type.trim()) && (!charset || /^charset="?utf-8"?$/.test(charset));
}

async function collect(stream: ReadableStream<Uint8Array>, { bytes: limitBytes, waitMs }: BodyLimits): Promise<Buffer> {
  const reader = stream.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Problem("body_timeout")), waitMs);
  });
  try {
    for (;;) {
      const { done, value } = await Promise.race([reader.read(), late]);
      if (done) return Buffer.concat(chunks);
      size += value.byteLength;
      if (size > limitBytes) throw new Problem("payload_too_large", { limitBytes });
      chunks.push(value);
    }
  } catch (error) {
    reader.cancel().catch(() => {});
    throw error instanceof Problem ? error : new Problem("malformed_json");
  } finally {
    clearTimeout(timer);
  }
}
