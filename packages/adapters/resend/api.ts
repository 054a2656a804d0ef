import type { Still } from "@dais/kernel/couriers/port";
import type { Resend } from "resend";
import { objectIn } from "../outgoing/handed.ts";
import type { Heard, Line } from "../outgoing/line.ts";
import type { ResendSettings } from "./settings.ts";

/** A request of the SDK's, which makes all of its own by `fetch`. */
type Asked = { method?: string; headers?: Headers; body?: string };

/**
 * Resend's SDK for one exchange, which ends with `signal`, and what was heard in it. The SDK forms the request; what goes over the line is
 * ours, as its own way tells a request that never left and a lost answer by the same words.
 */
export async function resendApi(
  { apiKey }: ResendSettings,
  base: URL,
  line: Line,
  signal: AbortSignal,
  still?: Still,
): Promise<{ api: Resend; heard(): Heard | null }> {
  const { Resend } = await import("resend");
  let heard: Heard | null = null;

  class OverOurLine extends Resend {
    override async fetchRequest<T>(path: string, { method = "GET", headers, body }: Asked = {}) {
      const url = new URL(path.replace(/^\//, ""), base);
      const said = { method: method as "GET" | "POST", url, headers: Object.fromEntries(headers ?? []) };
      heard = await line.say(body === undefined ? said : { ...said, body }, signal, still);
      const read = heard.kind === "answered" && heard.status < 300 ? objectIn(heard.text) : null;
      const error = { name: "application_error", message: "not taken", statusCode: null };
      const answer = read ? { data: read, error: null, headers: null } : { data: null, error, headers: null };
      return answer as Awaited<ReturnType<typeof Resend.prototype.fetchRequest<T>>>;
    }
  }
  return { api: new OverOurLine(apiKey), heard: () => heard };
}
