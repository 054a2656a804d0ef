import type { IncomingMessage } from "node:http";
import type { Post, Posted } from "@dais/kernel/webhooks/port";
import { checked, type Hosts, patientResolve, type Resolve } from "../outgoing/address.ts";
import { aborted, askAt, Unanswered } from "../outgoing/ask.ts";
import { waitOf } from "../outgoing/wait.ts";

export type PosterOptions = Hosts & {
  /** For everything, from the look into the DNS to the end of the answer. */
  timeoutMs?: number;
  /** Of it, until somebody has answered the phone: the DNS, TCP and TLS. */
  connectMs?: number;
  resolve?: Resolve;
  /** Certificates that are trusted instead of the usual ones. */
  ca?: string;
  /** The clock, for dates until which a receiver wants to be left alone. */
  now(): Date;
};

/** Of an answer's body so much is taken off the line, and for so long; its status has said all. */
const drain = { bytes: 16 * 1024, ms: 1000 };

/**
 * Sends to addresses outside, each time to one that was checked just then: never to the own network unless the operators name the host,
 * and never where an answer leads.
 */
export function poster(options: PosterOptions): Post {
  const { timeoutMs = 15_000, connectMs = 5000, resolve = patientResolve(options.allowed), ca, now } = options;
  return async ({ url: text, headers, body: post }): Promise<Posted> => {
    const over = new AbortController();
    const [whole, first] = [timeoutMs, connectMs].map((ms) => setTimeout(() => over.abort(), ms));
    try {
      const url = new URL(text);
      const place = await Promise.race([checked(url, options, resolve), aborted(over.signal)]);
      if (typeof place === "string") return { kind: "unanswered", code: place };
      const { signal } = over;
      const connected = () => clearTimeout(first);
      const answer = await askAt(url, { ...place, headers, signal, post, body: drained, connected, ca });
      const retryAfterSeconds = waitOf(answer.header("retry-after"), now());
      return { kind: "answered", status: answer.status, retryAfterSeconds };
    } catch (error) {
      const code = error instanceof Unanswered ? error.code : "unreachable";
      return { kind: "unanswered", code: code === "too_large" ? "unexpected_answer" : code };
    } finally {
      clearTimeout(whole);
      clearTimeout(first);
    }
  };
}

/** Whether something must not be sent to a URL, as far as the DNS tells it soon: a name that nobody knows yet may be known one day. */
export function refusing(hosts: Hosts, resolve: Resolve = patientResolve(hosts.allowed), waitMs = 1000) {
  return async (text: string): Promise<boolean> => {
    const later = new Promise<null>((done) => setTimeout(done, waitMs, null).unref());
    return (await Promise.race([checked(new URL(text), hosts, resolve), later])) === "address_refused";
  };
}

/** Lets a receiver end its answer in peace, as long as that is short. */
const drained = (answer: IncomingMessage): Promise<Uint8Array> =>
  new Promise((done) => {
    let size = 0;
    const enough = () => {
      clearTimeout(timer);
      done(new Uint8Array());
    };
    const timer = setTimeout(enough, drain.ms);
    answer.on("data", (part: Buffer) => {
      size += part.length;
      if (size > drain.bytes) enough();
    });
    answer.on("end", enough).on("error", enough).on("close", enough);
  });
