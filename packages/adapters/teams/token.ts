import { objectIn } from "../outgoing/handed.ts";
import type { Heard, Line } from "../outgoing/line.ts";
import type { TeamsSettings } from "./settings.ts";

/** A token for Graph; or the answer by which there is none. */
export type Token = { kind: "token"; text: string } | { kind: "none"; heard: Heard };
export type Tokens = {
  get(signal: AbortSignal): Promise<Token>;
  /** Graph doesn't take it. */
  drop(text: string): void;
};

const scopes = ["Chat.Create", "ChatMessage.Send", "Chat.Read"];
/** Before its end a token isn't used any more. */
const aheadMs = 120_000;

/**
 * Tokens of the account that writes, renewed when needed; who asks meanwhile waits for the same renewal.
 * @see RFC 6749, section 6
 */
export function tokensOf(settings: TeamsSettings, tokenUrl: URL, line: Line): Tokens {
  const { clientId, clientSecret, graphUrl, renewed, now } = settings;
  let { refreshToken } = settings;
  let known: { text: string; until: number } | null = null;
  let running: Promise<Token> | null = null;

  async function renew(): Promise<Token> {
    const body = new URLSearchParams({
      grant_type: "refresh_token",
      client_id: clientId,
      client_secret: clientSecret,
      refresh_token: refreshToken,
      scope: [...scopes.map((scope) => `${graphUrl.replace(/\/$/, "")}/${scope}`), "offline_access"].join(" "),
    }).toString();
    const headers = { "content-type": "application/x-www-form-urlencoded", accept: "application/json" };
    // Not the caller's signal: others may wait for the same renewal. The line has a limit of its own.
    const heard = await line.say({ method: "POST", url: tokenUrl, headers, body }, new AbortController().signal);
    const said = heard.kind === "answered" && heard.status === 200 ? objectIn(heard.text) : null;
    if (typeof said?.access_token !== "string" || !/^[\x21-\x7e]+$/.test(said.access_token))
      return { kind: "none", heard };
    if (typeof said.refresh_token === "string" && said.refresh_token !== refreshToken) {
      refreshToken = said.refresh_token;
      renewed?.(refreshToken);
    }
    known = { text: said.access_token, until: now().getTime() + (Number(said.expires_in) || 0) * 1000 - aheadMs };
    return { kind: "token", text: said.access_token };
  }

  return {
    async get(signal) {
      if (known && now().getTime() < known.until) return { kind: "token", text: known.text };
      running ??= renew().finally(() => {
        running = null;
      });
      const over = new Promise<Token>((done) => {
        const lost = () => done({ kind: "none", heard: { kind: "lost", left: false, code: "timed_out" } });
        if (signal.aborted) lost();
        else signal.addEventListener("abort", lost, { once: true });
      });
      return Promise.race([running, over]);
    },
    drop(text) {
      if (known?.text === text) known = null;
    },
  };
}
