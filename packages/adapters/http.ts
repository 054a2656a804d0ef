/** What an outside system answered; `body` is undefined where that is no JSON. */
export type Answer = { status: number; headers: Headers; body: unknown };
export type Limits = {
  /** For the whole answer, its body included. */
  timeoutMs: number;
  /** Of the body, unpacked. */
  bytes: number;
};

export const usualLimits: Limits = { timeoutMs: 5000, bytes: 256 * 1024 };

/** Nobody answered, or not in time, or with too much. Its message says which, and nothing of what was sent. */
export class Unreachable extends Error {
  constructor(reason: "network" | "time" | "size") {
    super(reason);
    this.name = "Unreachable";
  }
}

/**
 * Asks an outside system, within limits. Redirects are not followed: where a request with a secret goes is not the answer's to say.
 *
 * @throws Unreachable
 */
export async function ask(url: string | URL, init: RequestInit, limits: Limits): Promise<Answer> {
  const signal = AbortSignal.timeout(limits.timeoutMs);
  try {
    const response = await fetch(url, { ...init, redirect: "manual", signal });
    return { status: response.status, headers: response.headers, body: parsed(await bytesOf(response, limits.bytes)) };
  } catch (error) {
    if (error instanceof Unreachable) throw error;
    throw new Unreachable(signal.aborted ? "time" : "network");
  }
}

async function bytesOf(response: Response, most: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.length;
    if (size > most) throw new Unreachable("size");
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

/** A JSON object, as opposed to a list, a text, or nothing. */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The address, where it is one and can't be listened to: https, or this machine itself. */
export function safeUrl(text: unknown): URL | null {
  if (typeof text !== "string" || text.length > 2000 || !URL.canParse(text)) return null;
  const url = new URL(text);
  const here = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  const hidden = url.protocol === "https:" || (url.protocol === "http:" && here);
  return hidden && !url.username && !url.password ? url : null;
}
