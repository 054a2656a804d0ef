import { type IncomingMessage, request as plainRequest, type RequestOptions } from "node:http";
import { request as tlsRequest } from "node:https";
import { isIP } from "node:net";
import { createGunzip } from "node:zlib";

/** Why there was no answer, or none that is taken. */
export class Unanswered extends Error {
  readonly code: "unreachable" | "timed_out" | "too_large";

  constructor(code: Unanswered["code"]) {
    super(code);
    this.name = "Unanswered";
    this.code = code;
  }
}

export type Reply = { status: number; header(name: string): string | null; bytes: Uint8Array };

type Options = {
  /** What `url`'s host was found to be. */
  address: string;
  headers: Record<string, string>;
  signal: AbortSignal;
  /** Of the body, unpacked. */
  most: number;
  /** Certificates that are trusted besides the usual ones. */
  ca?: string | undefined;
};

/**
 * Asks one address, without following where it leads. The connection goes to `address`, and TLS is for the name in `url`.
 * @throws Unanswered
 */
export async function askAt(url: URL, { address, headers, signal, most, ca }: Options): Promise<Reply> {
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const options: RequestOptions & { servername?: string; ca?: string } = {
    host: address,
    port: url.port || (url.protocol === "https:" ? 443 : 80),
    path: url.pathname + url.search,
    headers: { ...headers, host: url.host, "accept-encoding": "gzip" },
    agent: false,
    signal,
    ...(isIP(host) ? {} : { servername: host }),
    ...(ca === undefined ? {} : { ca }),
  };
  try {
    const answer = await answered(url.protocol === "https:" ? tlsRequest(options) : plainRequest(options));
    try {
      const header = (name: string) => answer.headers[name]?.toString() ?? null;
      const status = answer.statusCode ?? 0;
      return { status, header, bytes: status === 200 ? await collected(answer, most) : new Uint8Array() };
    } finally {
      answer.destroy();
    }
  } catch (error) {
    if (error instanceof Unanswered) throw error;
    throw new Unanswered(signal.aborted ? "timed_out" : "unreachable");
  }
}

const answered = (request: ReturnType<typeof plainRequest>): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    request.on("response", resolve).on("error", reject).end();
  });

/** @throws Unanswered `too_large` as soon as it is; `unreachable` where it ends before its end, or is packed in another way */
async function collected(answer: IncomingMessage, most: number): Promise<Uint8Array> {
  if (Number(answer.headers["content-length"] ?? 0) > most) throw new Unanswered("too_large");
  const packing = answer.headers["content-encoding"] ?? "identity";
  if (packing !== "identity" && packing !== "gzip") throw new Unanswered("unreachable");
  const parts: Uint8Array[] = [];
  let size = 0;
  const unpacked = packing === "gzip" ? answer.compose(createGunzip()) : answer;
  for await (const part of unpacked) {
    size += part.length;
    if (size > most) throw new Unanswered("too_large");
    parts.push(part);
  }
  if (!answer.complete) throw new Unanswered("unreachable");
  return Buffer.concat(parts);
}
