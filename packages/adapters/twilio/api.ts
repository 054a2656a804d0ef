import type { Still } from "@dais/kernel/couriers/port";
import type { Twilio } from "twilio";
import { objectIn } from "../outgoing/handed.ts";
import type { Heard, Line } from "../outgoing/line.ts";
import type { TwilioSettings } from "./settings.ts";

/** Twilio's answer, where it is none that its SDK could read. */
export class NotTaken extends Error {
  readonly heard: Heard;

  constructor(heard: Heard) {
    super("not taken");
    this.name = "NotTaken";
    this.heard = heard;
  }
}

/** What the SDK asks of its HTTP client; its types name a class with axios in it. */
type Asked = {
  method: string;
  uri: string;
  username?: string;
  password?: string;
  headers?: Record<string, string>;
  params?: Record<string, unknown>;
  data?: Record<string, unknown>;
};

/**
 * Twilio's SDK for one exchange, which ends with `signal`. The SDK forms requests and reads answers; what goes over the line is ours, as its
 * own client can't tell a request that never left from one whose answer was lost.
 *
 * What its methods throw is `NotTaken` for everything but an answer of 2xx with a JSON object in it.
 */
export async function twilioApi(
  { accountSid, authTokens, apiKey }: TwilioSettings,
  base: URL,
  line: Line,
  signal: AbortSignal,
  still?: Still,
): Promise<Twilio> {
  // Half a second and 20 MB, of no use to a server that sends nothing.
  const { default: twilio } = await import("twilio");
  const httpClient = {
    async request({ method, uri, username, password, headers = {}, params = {}, data }: Asked) {
      const there = new URL(uri);
      const url = new URL(there.pathname.slice(1) + there.search, base);
      for (const [name, value] of Object.entries(params)) url.searchParams.append(name, String(value));
      const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
      const heard = await line.say(
        {
          method: method.toUpperCase() as "GET" | "POST",
          url,
          headers: { ...headers, authorization },
          ...(data && { body: formOf(data) }),
        },
        signal,
        still,
      );
      const body = heard.kind === "answered" && heard.status >= 200 && heard.status < 300 ? objectIn(heard.text) : null;
      if (heard.kind === "lost" || !body) throw new NotTaken(heard);
      return { statusCode: heard.status, body, headers: {} };
    },
  };
  return twilio(apiKey?.sid ?? accountSid, apiKey?.secret ?? authTokens[0], {
    accountSid,
    httpClient: httpClient as never,
  });
}

function formOf(data: Record<string, unknown>): string {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(data))
    for (const one of Array.isArray(value) ? value : [value]) form.append(name, String(one));
  return form.toString();
}
