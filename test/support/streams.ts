import { get } from "node:http";
import { expect, onTestFinished, vi } from "vitest";
import { authorized } from "./credential.ts";

/** A server-sent event, as its fields say it. */
// biome-ignore lint/suspicious/noExplicitAny: what is in it, the expectations say.
export type Sent = { event: string; id: string | null; data: any };
export type Stream = {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  /** Everything so far, in its order; those without data are left out. */
  sent: Sent[];
  /** The last id, as a browser keeps it. */
  lastId(): string;
  /** How many comments and bare ids came. */
  beats(): number;
  /** What `retry` said last. */
  retry(): number | null;
  /** The body, where it is no stream. */
  text(): string;
  /** Whether the server has ended it; `cut`: without ending the answer. */
  over(): false | "ended" | "cut";
  /** Begins to read, where it was opened without. */
  read(): void;
  stop(): void;
};

/** Opens a stream, and keeps all that it says. `read: false`: never reads a byte of it. Ended with the test. */
export function listen(
  url: string,
  credential: string | null,
  {
    headers = {},
    read = true,
    method = "GET",
  }: { headers?: Record<string, string>; read?: boolean; method?: string } = {},
): Promise<Stream> {
  const { promise, resolve, reject } = Promise.withResolvers<Stream>();
  const asked = get(url, { method, agent: false, headers: { ...authorized(credential), ...headers } }, (answer) => {
    const said = {
      sent: [] as Sent[],
      last: "",
      beats: 0,
      retry: null as number | null,
      text: "",
      over: false as ReturnType<Stream["over"]>,
    };
    const take = reading(said);
    answer.setEncoding("utf8");
    if (read) answer.on("data", take);
    else answer.pause();
    answer.on("end", () => (said.over = "ended")).on("error", () => (said.over = "cut"));
    const stream: Stream = {
      status: answer.statusCode ?? 0,
      headers: answer.headers,
      sent: said.sent,
      lastId: () => said.last,
      beats: () => said.beats,
      retry: () => said.retry,
      text: () => said.text,
      over: () => said.over,
      read: () => void answer.on("data", take).resume(),
      stop: () => void asked.destroy(),
    };
    resolve(stream);
  });
  asked.on("error", reject);
  onTestFinished(() => void asked.destroy());
  return promise;
}

/** Reads lines as the standard says. @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation */
function reading(said: { sent: Sent[]; last: string; beats: number; retry: number | null; text: string }) {
  let rest = "";
  let now: { event?: string; id?: string; data?: string } = {};
  return (chunk: string): void => {
    said.text += chunk;
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const [, field = "", value = ""] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
      if (line === "") {
        if (now.id !== undefined) said.last = now.id;
        if (now.data === undefined && now.id !== undefined) said.beats += 1;
        if (now.data !== undefined)
          said.sent.push({ event: now.event ?? "message", id: now.id ?? null, data: now.data && JSON.parse(now.data) });
        now = {};
      } else if (line.startsWith(":")) said.beats += 1;
      else if (field === "retry") said.retry = Number(value);
      else now = { ...now, [field]: value };
    }
  };
}

export const streamOf = (url: string, query: Record<string, string> = {}): string => {
  const search = new URLSearchParams(query);
  return `${url}/v1/events/stream${search.size > 0 ? `?${search}` : ""}`;
};

/** The same over tRPC, as its own client asks for it. */
export const rpcStreamOf = (url: string, input: object = {}): string =>
  `${url}/trpc/events.stream?input=${encodeURIComponent(JSON.stringify(input))}`;

/** What a stream was told of, by the ids of the things. */
export const subjects = ({ sent }: Pick<Stream, "sent">): string[] =>
  sent.filter(({ event, data }) => event === "message" && data.subject).map(({ data }) => data.subject);

/** Waits until it is so. */
export const until = (so: () => unknown): Promise<unknown> =>
  vi.waitFor(async () => expect(await so()).toBeTruthy(), { timeout: 40_000, interval: 10 });
