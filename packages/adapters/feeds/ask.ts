import { type IncomingMessage, request as plainRequest, type RequestOptions } from "node:http";
import { request as tlsRequest } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { hostOf, portOf } from "./address.ts";

/** Why there was no answer, or none that is taken. */
export class Unanswered extends Error {
  readonly code: "unreachable" | "timed_out" | "too_large" | "unexpected_answer";

  constructor(code: Unanswered["code"]) {
    super(code);
    this.name = "Unanswered";
    this.code = code;
  }
}

export type Reply = { status: number; header(name: string): string | null; bytes: Uint8Array };

type Options = {
  /** What `url`'s host was found to be. One of them is connected to, and nobody else. */
  addresses: readonly string[];
  headers: Record<string, string>;
  signal: AbortSignal;
  /** Bytes of the body, unpacked. */
  most: number;
  /** Certificates that are trusted instead of the usual ones. */
  ca?: string | undefined;
};

/**
 * Asks one host, without following where it leads. TLS is for the name in `url`.
 * @throws Unanswered
 */
export async function askAt(url: URL, { addresses, headers, signal, most, ca }: Options): Promise<Reply> {
  const host = hostOf(url);
  const options = {
    ...{ host, port: portOf(url), path: url.pathname + url.search, agent: false, signal },
    ...{ lookup: only(addresses), autoSelectFamilyAttemptTimeout: 2000 },
    headers: { ...headers, host: url.host, "accept-encoding": "gzip" },
    // A name of TLS has no dot at its end (RFC 6066, section 3).
    ...(isIP(host) ? {} : { servername: host.replace(/\.$/, "") }),
    ...(ca === undefined ? {} : { ca }),
  } satisfies RequestOptions & { servername?: string; ca?: string; autoSelectFamilyAttemptTimeout: number };
  try {
    const answer = await answered(url.protocol === "https:" ? tlsRequest(options) : plainRequest(options));
    try {
      const header = (name: string) => answer.headers[name]?.toString() ?? null;
      const status = answer.statusCode ?? 0;
      const bytes = status === 200 ? await collected(answer, most) : new Uint8Array();
      // A body of no said length is whole when the connection ends: also when it was we who ended it.
      signal.throwIfAborted();
      return { status, header, bytes };
    } finally {
      answer.destroy();
    }
  } catch (error) {
    if (signal.aborted) throw new Unanswered("timed_out");
    throw error instanceof Unanswered ? error : new Unanswered(isNonsense(error) ? "unexpected_answer" : "unreachable");
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

/** Of Node's parser of HTTP, or of zlib. */
const isNonsense = (error: unknown): boolean => /^(HPE|Z)_/.test(String((error as { code?: unknown } | null)?.code));

const answered = (request: ReturnType<typeof plainRequest>): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    // Closed without a word: who wants to speak another protocol (101) leaves neither an answer nor an error.
    request
      .on("response", resolve)
      .on("error", reject)
      .on("close", () => reject(new Unanswered("unexpected_answer")));
    request.end();
  });

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
