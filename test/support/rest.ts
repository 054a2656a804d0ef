import { authorized } from "./credential.ts";
import { documented } from "./documented.ts";

export type Reply = { status: number; headers: Headers; body: Record<string, any> };
type Sent = { body?: unknown; headers?: Record<string, string>; method?: string };

/**
 * Speaks REST as one caller: `await api.get("/signals")`, paths below /v1. Bodies are JSON unless they are text or bytes already.
 * Every answer is held to the contract: one that it doesn't document throws. `always`: fields of each request.
 */
export function restClient(url: string, key: string | null, always: Record<string, string> = {}): RestClient {
  async function send(path: string, { method = "GET", body, headers = {} }: Sent): Promise<Reply> {
    const response = await fetch(`${url}/v1${path}`, {
      method,
      redirect: "manual",
      headers: {
        ...authorized(key),
        ...always,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      body: body === undefined ? undefined : asSent(body),
    });
    const text = await response.text();
    const json = /json/.test(response.headers.get("content-type") ?? "");
    const reply = { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : {} };
    documented(method, path, reply);
    return reply;
  }
  return {
    send,
    /** The same server as another caller. */
    as: (other: string | null) => restClient(url, other, always),
    get: (path: string, headers?: Record<string, string>) => send(path, { headers }),
    post: (path: string, body?: unknown, headers?: Record<string, string>) =>
      send(path, { method: "POST", body, headers }),
    patch: (path: string, body?: unknown, headers?: Record<string, string>) =>
      send(path, { method: "PATCH", body, headers }),
  };
}
const asSent = (body: unknown): string | Blob =>
  typeof body === "string"
    ? body
    : body instanceof Uint8Array
      ? new Blob([new Uint8Array(body)])
      : JSON.stringify(body);
export type RestClient = {
  send(path: string, sent: Sent): Promise<Reply>;
  as(other: string | null): RestClient;
  get(path: string, headers?: Record<string, string>): Promise<Reply>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>;
  patch(path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>;
};
