import type { Asked, Fetched, FetchFeed } from "@dais/modules/signalFeeds";
import { checked, type Hosts, type Resolve, usualResolve } from "../outgoing/address.ts";
import { aborted, askAt, type Reply, Unanswered, whole } from "../outgoing/ask.ts";
import { waitOf } from "../outgoing/wait.ts";

export type FeedOptions = Hosts & {
  /** For everything: redirects and the whole body included. */
  timeoutMs?: number;
  /** Of a document, unpacked. */
  bytes?: number;
  resolve?: Resolve;
  /** Certificates that are trusted instead of the usual ones. */
  ca?: string;
  /** The clock, for dates until which a server wants to be left alone. */
  now(): Date;
};

const mostRedirects = 3;

/**
 * Asks feeds over HTTPS: only what has changed since, within limits of time and size, and nobody within the own network but whom the
 * operators name.
 * @see RFC 9110, sections 13.1 and 15.4
 */
export function feeds(options: FeedOptions): FetchFeed {
  const { timeoutMs = 30_000, bytes: most = 5 * 1024 * 1024, resolve = usualResolve, ca, now } = options;

  /** Asks, and follows where that leads. Each step is checked as the first one was. */
  async function reply(asked: Asked, signal: AbortSignal): Promise<Reply | Fetched> {
    let url = new URL(asked.url);
    for (let step = 0; step <= mostRedirects; step += 1) {
      const place = await Promise.race([checked(url, options, resolve), aborted(signal)]);
      if (typeof place === "string") return failed(place);
      const answer = await askAt(url, { ...place, headers: headersOf(asked), signal, body: whole(most), ca });
      const next = leadsTo(answer, url);
      if (next === null) return answer;
      url = next;
    }
    return failed("too_many_redirects");
  }

  return async (asked) => {
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const answer = await reply(asked, signal);
      return "kind" in answer ? answer : fetched(answer, asked, now());
    } catch (error) {
      return failed(error instanceof Unanswered ? said(error.code) : "unreachable");
    }
  };
}

/** A certificate that is not trusted is one way of not being reached. */
const said = (code: Unanswered["code"]) => (code === "certificate_refused" ? "unreachable" : code);

const failed = (
  code: Extract<Fetched, { kind: "failed" }>["code"],
  retryAfterSeconds: number | null = null,
): Fetched => ({
  kind: "failed",
  code,
  retryAfterSeconds,
});

const headersOf = ({ etag, lastModified }: Asked): Record<string, string> => ({
  accept: "application/cap+xml, application/atom+xml, application/xml, text/xml;q=0.9, */*;q=0.1",
  "user-agent": "Dais",
  ...(etag === null ? {} : { "if-none-match": etag }),
  ...(lastModified === null ? {} : { "if-modified-since": lastModified }),
});

/** Where an answer leads; null where it is an answer. */
function leadsTo({ status, header }: Reply, from: URL): URL | null {
  const target = [301, 302, 303, 307, 308].includes(status) ? header("location") : null;
  return target !== null && URL.canParse(target, from.href) ? new URL(target, from) : null;
}

function fetched({ status, header, bytes }: Reply, { etag, lastModified }: Asked, now: Date): Fetched {
  // Who says that nothing has changed was asked whether it has.
  if (status === 304 && (etag !== null || lastModified !== null)) return { kind: "unchanged" };
  if (status !== 200) return failed("unexpected_answer", waitOf(header("retry-after"), now));
  return { kind: "document", bytes, etag: sane(header("etag")), lastModified: sane(header("last-modified")) };
}

/** What is sent back one day: visible ASCII, and not much of it. */
const sane = (value: string | null): string | null =>
  value !== null && /^[\x20-\x7e]{1,500}$/.test(value) ? value : null;
