import { AsyncLocalStorage } from "node:async_hooks";

/** What a request asks the mock for beyond its call. @see RFC 7240 */
export type Preferences = {
  /** `problem=signal_changed` or `code=412`, as they were given. */
  problem: string | null;
  code: string | null;
  waitMs: number;
  /** What was done, for `Preference-Applied`. */
  readonly applied: Set<string>;
};

const longestWait = 10;

/** Reads a `Prefer` header, or the same text in `_meta.prefer`. What it doesn't know is ignored, and of two the first counts. */
export function preferencesIn(text: string): Preferences {
  const given = new Map<string, string>();
  for (const [, name = "", quoted, bare] of text.matchAll(/(?:^|,)\s*([\w-]+)\s*=\s*(?:"([^"]*)"|([^\s,;"]+))[^,]*/g))
    if (!given.has(name.toLowerCase())) given.set(name.toLowerCase(), quoted ?? bare ?? "");
  const wait = Number(given.get("wait") ?? 0);
  const seconds = Number.isFinite(wait) ? Math.min(Math.max(wait, 0), longestWait) : 0;
  return {
    problem: given.get("problem") ?? null,
    code: given.get("code") ?? null,
    waitMs: seconds * 1000,
    applied: new Set(),
  };
}

/** What answers requests. `env` is what a host says of one beyond it. */
type Fetch = (request: Request, env?: object) => Response | Promise<Response>;

/**
 * Lets a server's requests have preferences. The faces know nothing of them: they go round them to the kernel, by
 * `current`, and `Preference-Applied` goes on the answer when it comes back.
 */
export function preferring(fetch: Fetch): Fetch {
  return async (request, env) => {
    const header = request.headers.get("prefer");
    if (header === null && isForTools(request)) {
      const { prefer, unread } = await preferredByTool(request);
      return answer(prefer, () => fetch(unread)); // without what the host says: it holds the stream that has been read
    }
    return answer(header, () => fetch(request, env));
  };
}

async function answer(prefer: string | null, fetch: () => Response | Promise<Response>): Promise<Response> {
  if (!prefer) return fetch();
  const preferences = preferencesIn(prefer);
  const response = await storage.run(preferences, fetch);
  const { applied } = preferences;
  if (applied.size > 0) response.headers.set("preference-applied", [...applied].join(", "));
  return response;
}

const storage = new AsyncLocalStorage<Preferences>();

/** Those of the request that is being served; undefined where it has none. */
export const current = (): Preferences | undefined => storage.getStore();

/** Larger bodies, and those that don't say how large they are, are left to the face. */
function isForTools({ method, url, headers }: Request): boolean {
  const size = Number(headers.get("content-length") ?? 0);
  return method === "POST" && new URL(url).pathname === "/mcp" && size > 0 && size <= 1024 * 1024;
}

/** A client of MCP may not be able to set headers: a call's own `_meta.prefer` says the same. */
async function preferredByTool(request: Request): Promise<{ prefer: string | null; unread: Request }> {
  const body = await request.arrayBuffer();
  const unread = new Request(request.url, { method: request.method, headers: request.headers, body });
  try {
    const { params } = JSON.parse(Buffer.from(body).toString()) as { params?: { _meta?: { prefer?: unknown } } };
    const prefer = params?._meta?.prefer;
    return { prefer: typeof prefer === "string" ? prefer : null, unread };
  } catch {
    return { prefer: null, unread }; // the face says what is wrong with it
  }
}
