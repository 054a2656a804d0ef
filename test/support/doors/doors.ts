import { get } from "node:http";
import { line } from "../../bench/wire.ts";
import { authorized } from "../credential.ts";
import type { Actor } from "./actors.ts";
import type { World } from "./world.ts";

/** What somebody met at one door of one process, in milliseconds since 1970. */
export type Met = {
  door: string;
  /** When each call that was accepted was sent, or what a stream told arrived. */
  accepted: number[];
  /** Each other answer: when it arrived, and its status; of a stream its end, which has none. */
  refused: { at: number; status: number }[];
};
export type Knocking = { all: readonly Met[]; stop(): Promise<void> };

const everyMs = 50;
export const clock = () => performance.timeOrigin + performance.now();

/** Knocks at every door of every process that somebody's credentials are for, again and again. */
export function knock(at: World, { credentials, job }: Actor): Knocking {
  const { session, token, key } = credentials;
  const any = session ?? token ?? key;
  const calls = at.ports.flatMap((port) => [
    ...(session ? [asking(port, "REST, session", session, readOf(at))] : []),
    ...(token ? [asking(port, "REST, bearer token", token, readOf(at))] : []),
    ...(key ? [asking(port, "REST, API key", key, readOf(at))] : []),
    ...(token || key ? [asking(port, "MCP", token ?? key, toolOf(at))] : []),
    asking(port, "tRPC", any, rpcOf(at)),
    asking(port, "download", any, downloadOf(at)),
  ]);
  const streams = at.ports.flatMap((port) => [
    listening(port, "SSE", any, "/v1/events/stream?types=signal.ingested"),
    listening(port, "tRPC subscription", any, `/trpc/events.stream?input=${inUrl({ types: ["signal.ingested"] })}`),
  ]);
  const all = [...calls, ...streams, ...(job ? [working(at, job)] : [])];
  return { all: all.map(({ met }) => met), stop: async () => void (await Promise.all(all.map(({ stop }) => stop()))) };
}

type Request = { method: string; path: string; headers: Record<string, string>; body?: string };
type Door = { met: Met; stop(): unknown };

const inUrl = (input: object) => encodeURIComponent(JSON.stringify(input));
const readOf = ({ signalId }: World): Request => ({ method: "GET", path: `/v1/signals/${signalId}`, headers: {} });
const downloadOf = ({ signalId }: World): Request => ({
  ...{ method: "GET", path: `/v1/signals/${signalId}/cap` },
  headers: { accept: "application/cap+xml" },
});
const rpcOf = ({ signalId: id }: World): Request => ({
  ...{ method: "GET", path: `/trpc/signals.get?input=${inUrl({ id })}` },
  headers: {},
});
const toolOf = ({ signalId: id }: World): Request => ({
  ...{ method: "POST", path: "/mcp" },
  headers: {
    accept: "application/json, text/event-stream",
    "content-type": "application/json",
    "mcp-protocol-version": "2025-11-25",
  },
  body: JSON.stringify({
    ...{ jsonrpc: "2.0", id: 1, method: "tools/call" },
    params: { name: "signals_get", arguments: { id } },
  }),
});

/** Sends the same call, one after the other. */
function asking(port: number, door: string, credential: string | undefined, request: Request): Door {
  const met: Met = { door, accepted: [], refused: [] };
  const bytes = written(request, authorized(credential ?? null));
  let wire = line(port);
  const ask = async () => {
    if (!wire.open()) wire = line(port);
    const sentAt = clock();
    const { status, body } = await wire.send(bytes);
    // A tool's problem is a result, and says in it which it is.
    const problem = /"isError":true/.test(body) ? Number(/"status":(\d{3})/.exec(body)?.[1]) : null;
    if (status < 300 && problem === null) met.accepted.push(sentAt);
    else met.refused.push({ at: clock(), status: problem ?? status });
  };
  const stop = again(everyMs, ask);
  return { met, stop: () => stop().finally(() => wire.close()) };
}

function written({ method, path, headers, body = "" }: Request, who: Record<string, string>): string {
  const length = body ? { "content-length": String(Buffer.byteLength(body)) } : {};
  const fields = Object.entries({ host: "dais.test", ...who, ...headers, ...length });
  return `${method} ${path} HTTP/1.1\r\n${fields.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n${body}`;
}

/** Opens a stream once, and notes what it tells, and its end. */
function listening(port: number, door: string, credential: string | undefined, path: string): Door {
  const met: Met = { door, accepted: [], refused: [] };
  const headers = authorized(credential ?? null);
  let status = 0;
  const over = () => {
    if (met.refused.length === 0) met.refused.push({ at: clock(), status });
  };
  const asked = get({ port, path, headers, agent: false }, (answer) => {
    if (answer.statusCode !== 200) status = answer.statusCode ?? 0;
    answer.setEncoding("utf8").on("error", over).on("end", over);
    answer.on("data", (text: string) => {
      if (text.includes('"specversion"')) met.accepted.push(clock());
    });
  });
  asked.on("error", over);
  return { met, stop: () => asked.destroy() };
}

/** Looks at a job: what it goes on doing is accepted, and its end as a failure is the refusal. */
function working({ owner }: World, id: string): Door {
  const met: Met = { door: "a job on their behalf", accepted: [], refused: [] };
  let before = 0;
  const look = async () => {
    const at = clock();
    const [row] = await owner`select state, done, error_code from jobs where id = ${id}`;
    if (row?.done > before) met.accepted.push(at);
    before = row?.done ?? 0;
    if (row?.state === "failed") met.refused.push({ at: clock(), status: row.error_code === "forbidden" ? 403 : 500 });
    if (row?.state === "done") throw new Error("A job was done before whoever asked for it was shut out.");
  };
  return { met, stop: again(everyMs, look) };
}

/** Does it every so often, one after the other, until it is stopped; stopping waits for the last, and throws what it threw. */
export function again(ms: number, what: () => Promise<unknown>): () => Promise<void> {
  let stopped = false;
  const going = (async () => {
    while (!stopped) {
      const next = performance.now() + ms;
      await what();
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, next - performance.now())));
    }
  })();
  going.catch(() => {}); // whoever stops it hears of it
  return () => {
    stopped = true;
    return going;
  };
}
