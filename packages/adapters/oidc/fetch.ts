import { type Answer, ask, usualLimits } from "../http.ts";
import { IssuerAway } from "./errors.ts";
import type { OidcSettings } from "./settings.ts";

export type AskIssuer = (what: string, url: string, init?: RequestInit) => Promise<Answer>;

/**
 * Asks the issuer; `what` is for logs.
 * @throws IssuerAway also where it answers that it is busy or broken
 */
export function askIssuer({
  now,
  timeoutMs = usualLimits.timeoutMs,
}: Pick<OidcSettings, "now" | "timeoutMs">): AskIssuer {
  return async (what, url, init = {}) => {
    const headers = { accept: "application/json", ...(init.headers as Record<string, string>) };
    const answer = await ask(url, { ...init, headers }, { ...usualLimits, timeoutMs }).catch((error: Error) => {
      throw new IssuerAway(`${what}: ${error.message}`);
    });
    const { status } = answer;
    if (status >= 500 || status === 429) throw new IssuerAway(`${what}: ${status}`, waitOf(answer.headers, now()));
    return answer;
  };
}

/** Seconds to wait, as the issuer says it in either form, but no more than five minutes. @see RFC 9110, section 10.2.3 */
function waitOf(headers: Headers, now: Date): number | undefined {
  const said = headers.get("retry-after") ?? "";
  const seconds = /^\d{1,9}$/.test(said) ? Number(said) : Math.ceil((Date.parse(said) - now.getTime()) / 1000);
  return Number.isNaN(seconds) ? undefined : Math.min(Math.max(seconds, 1), 300);
}
