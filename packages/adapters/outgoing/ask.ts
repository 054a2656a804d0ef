import { type IncomingMessage, request as plainRequest, type RequestOptions } from "node:http";
import { request as tlsRequest } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { hostOf, portOf } from "./address.ts";

/** Why there was no answer, or none that is taken. */
export class Unanswered extends Error {
  readonly code: "unreachable" | "certificate_refused" | "timed_out" | "too_large" | "unexpected_answer";

  constructor(code: Unanswered["code"]) {
    super(code);
    this.name = "Unanswered";
    this.code = code;
  }
}

export type Reply = { status: number; header(name: string): string | null; bytes: Uint8Array };

/** Reads what of an answer's body is wanted. @throws Unanswered */
export type ReadBody = (answer: IncomingMessage) => Promise<Uint8Array>;

type Options = {
  /** What `url`'s host was found to be. One of them is connected to, and nobody else. */
  addresses: readonly string[];
  headers: Record<string, string>;
  signal: AbortSignal;
  /** What is sent along; by default nothing, and it is asked by GET. */
  post?: Uint8Array;
  /** Told when there is somebody at the other end, TLS included. */
  connected?(): void;
  /** What is made of the answer's body. */
  body: ReadBody;
  /** Certificates that are trusted instead of the usual ones. */
  ca?: string | undefined;
};

/**
 * Asks one host, without following where it leads. TLS is for the name in `url`.
 * @throws Unanswered
 */
export async function askAt(
  url: URL,
  { addresses, headers, signal, post, body, connected, ca }: Options,
): Promise<Reply> {
  const host = hostOf(url);
  const options = {
    ...{ host, port: portOf(url), path: url.pathname + url.search, agent: false, signal },
    ...{ lookup: only(addresses), autoSelectFamilyAttemptTimeout: 2000 },
    method: post ? "POST" : "GET",
    headers: { ...headers, host: url.host, "accept-encoding": "gzip", ...(post && { "content-length": post.length }) },
    // A name of TLS has no dot at its end (RFC 6066, section 3).
    ...(isIP(host) ? {} : { servername: host.replace(/\.$/, "") }),
    ...(ca === undefined ? {} : { ca }),
  } satisfies RequestOptions & { servername?: string; ca?: string; autoSelectFamilyAttemptTimeout: number };
  try {
    const tls = url.protocol === "https:";
    const request = tls ? tlsRequest(options) : plainRequest(options);
    if (connected) request.on("socket", (socket) => socket.once(tls ? "secureConnect" : "connect", connected));
    const answer = await answered(request, post);
    try {
      const header = (name: string) => answer.headers[name]?.toString() ?? null;
      const status = answer.statusCode ?? 0;
      const bytes = await body(answer);
      // A body of no said length is whole when the connection ends: also when it was we who ended it.
      signal.throwIfAborted();
      return { status, header, bytes };
    } finally {
      answer.destroy();
    }
  } catch (error) {
    if (signal.aborted) throw new Unanswered("timed_out");
    throw error instanceof Unanswered ? error : new Unanswered(meaningOf(error));
  }
}

/** Answers with what is known, whoever is asked for. */
const only =
  (addresses: readonly string[]): LookupFunction =>
  (_host, { all }, done) => {
    const known = addresses.map((address) => ({ address, family: isIP(address) }));
    if (all) done(null, known);
    else done(null, known[0]?.address ?? "", known[0]?.family);
  };

function meaningOf(error: unknown): Unanswered["code"] {
  const code = String((error as { code?: unknown } | null)?.code);
  // Of Node's parser of HTTP, or of zlib.
  if (/^(HPE|Z)_/.test(code)) return "unexpected_answer";
  return /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code) ? "certificate_refused" : "unreachable";
}

/** Never resolves: rejects when the time is over. @throws Unanswered `timed_out` */
export const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const over = () => reject(new Unanswered("timed_out"));
    if (signal.aborted) over();
    else signal.addEventListener("abort", over, { once: true });
  });

const answered = (request: ReturnType<typeof plainRequest>, post?: Uint8Array): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    // Closed without a word: who wants to speak another protocol (101) leaves neither an answer nor an error.
    request
      .on("response", resolve)
      .on("error", reject)
      .on("close", () => reject(new Unanswered("unexpected_answer")));
    request.end(post);
  });

/** The whole body of a 200, of others nothing. @param most Bytes of it, unpacked */
export const whole =
  (most: number): ReadBody =>
  async (answer) =>
    answer.statusCode === 200 ? collected(answer, most) : new Uint8Array();

/** @throws Unanswered `too_large` as soon as it is; `unreachable` where it ends before its end; `unexpected_answer` where it is packed in another way */
async function collected(answer: IncomingMessage, most: number): Promise<Uint8Array> {
  if (Number(answer.headers["content-length"] ?? 0) > most) throw new Unanswered("too_large");
  const packing = (answer.headers["content-encoding"] ?? "identity").toLowerCase();
  if (!["identity", "gzip", "x-gzip"].includes(packing)) throw new Unanswered("unexpected_answer");
  const parts: Uint8Array[] = [];
  let size = 0;
  const keep = async (unpacked: AsyncIterable<Uint8Array>): Promise<void> => {
    for await (const part of unpacked) {
      size += part.length;
      if (size > most) throw new Unanswered("too_large");
      parts.push(part);
    }
  };
  await (packing === "identity" ? pipeline(answer, keep) : pipeline(answer, createGunzip(), keep));
  if (!answer.complete) throw new Unanswered("unreachable");
  return Buffer.concat(parts);
}
