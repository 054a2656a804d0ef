import type { Still } from "@dais/kernel/couriers/port";
import { objectIn } from "../outgoing/handed.ts";
import type { Heard, Line } from "../outgoing/line.ts";
import type { Tokens } from "./token.ts";

export type Graph = {
  /** @returns what Graph answered, or that it could not be asked, which is `left: false` */
  get(path: string, signal: AbortSignal): Promise<Heard>;
  post(path: string, body: object, signal: AbortSignal, still?: Still): Promise<Heard>;
};

/** Graph as one account sees it. Where a token has been revoked, one more is asked for: a 401 has done nothing. */
export function graphOf(base: URL, tokens: Tokens, way: Line): Graph {
  async function ask(
    method: "GET" | "POST",
    path: string,
    signal: AbortSignal,
    body?: string,
    still?: Still,
  ): Promise<Heard> {
    const url = new URL(path, base);
    // A link that Graph gave us leads to Graph, or nowhere: the token goes along.
    if (url.origin !== base.origin) return { kind: "lost", left: false, code: "unexpected_answer" };
    for (let attempt = 1; ; attempt += 1) {
      const token = await tokens.get(signal);
      // Nothing was said to Graph, whatever happened to the question for a token.
      if (token.kind === "none") return withoutToken(token.heard);
      const headers = { authorization: `Bearer ${token.text}`, accept: "application/json" };
      const said =
        body === undefined ? { method, url, headers } : { method, url, headers: { ...headers, ...json }, body };
      const heard = await way.say(said, signal, still);
      if (heard.kind === "lost" || heard.status !== 401 || attempt === 2) return heard;
      tokens.drop(token.text);
    }
  }

  return {
    get: (path, signal) => ask("GET", path, signal),
    post: (path, body, signal, still) => ask("POST", path, signal, JSON.stringify(body), still),
  };
}

const json = { "content-type": "application/json" };

/** A consent that has ended stays ended, which is an answer; everything else may be better in a while. */
function withoutToken(heard: Heard): Heard {
  const ended = heard.kind === "answered" && [400, 401, 403].includes(heard.status);
  if (ended)
    return {
      kind: "answered",
      status: 401,
      header: () => null,
      text: JSON.stringify({ error: { code: "consent_ended" } }),
    };
  return { kind: "lost", left: false, code: heard.kind === "lost" ? heard.code : "unreachable" };
}

/** The list of an answer, and where it goes on; null where it is none. */
export function pageIn(heard: Heard): { value: Record<string, unknown>[]; next: string | null } | null {
  const body = heard.kind === "answered" && heard.status === 200 ? objectIn(heard.text) : null;
  if (!Array.isArray(body?.value)) return null;
  const next = body["@odata.nextLink"];
  const value = body.value.filter((one) => typeof one === "object" && one !== null);
  return { value, next: typeof next === "string" ? next : null };
}
