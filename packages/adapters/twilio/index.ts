import type { Courier, Found, Handed, Message, Unsent } from "@dais/kernel/couriers/port";
import type { Twilio } from "twilio";
import { away, limited, objectIn, refused, tooMany, withoutBody } from "../outgoing/handed.ts";
import { baseOf, type Heard, type Line, line, sendingAtOnce, socketsFor } from "../outgoing/line.ts";
import { NotTaken, twilioApi } from "./api.ts";
import { codeOf, consequenceOf, isLimit } from "./codes.ts";
import { addressOf, type By, requestOf } from "./message.ts";
import { checkedSettings, type Sender, type TwilioSettings } from "./settings.ts";
import { statusOf } from "./statuses.ts";

export { twilioReader } from "./callbacks.ts";
export type { TwilioSettings } from "./settings.ts";

const page = 100;
/** Of messages to one recipient. One who got more within the time asked about can't be told of. */
const mostPages = 10;
/** Twilio's clock and ours. */
const skewMs = 60 * 60_000;

/**
 * WhatsApp and SMS by Twilio, as far as there is a sender for each.
 * @throws Error where the settings can't be used
 */
export function twilioCouriers(settings: TwilioSettings): Courier[] {
  const { whatsapp, sms, baseUrl = "https://api.twilio.com", timeoutMs = 10_000 } = checkedSettings(settings);
  const way = line({ timeoutMs, connections: socketsFor(2) });
  const base = baseOf(baseUrl);
  return [
    ...(whatsapp === null ? [] : [courier("whatsapp", whatsapp, settings, base, way)]),
    ...(sms === null ? [] : [courier("sms", sms, settings, base, way)]),
  ];
}

function courier(channel: By, from: Sender, settings: TwilioSettings, base: URL, way: Line): Courier {
  return {
    channel,
    vendor: "twilio",
    honoursKeys: false,
    atOnce: sendingAtOnce,
    async send(message, signal, still) {
      const request = requestOf(channel, from, message);
      if (request.kind === "refused") return request;
      try {
        const api = await twilioApi(settings, base, way, signal, still);
        const { sid, status, errorCode } = await api.messages.create(request.params);
        return handedOf(sid, status, errorCode);
      } catch (error) {
        return notTaken(error, settings.now());
      }
    },
    find: (message, since, signal) => found(channel, message, since, settings, base, way, signal),
    close: async () => way.close(),
  };
}

function handedOf(sid: unknown, word: unknown, errorCode: unknown): Handed {
  const status = statusOf(word);
  if (status === "failed") return refusedFor(codeOf(errorCode), "failed");
  // Said to be taken, and we don't know as what.
  if (!isSid(sid)) return { kind: "unknown", code: "unreadable" };
  return { kind: "accepted", vendorId: sid, status };
}

/** @throws what isn't about an answer */
function notTaken(error: unknown, now: Date): Handed | Unsent {
  const heard = heardIn(error);
  const certain = withoutBody(heard);
  if (certain || heard.kind === "lost") return certain ?? refused("unreachable", "retry");
  const code = codeOf(objectIn(heard.text)?.code);
  if (heard.status === 429) return tooMany(heard, code ?? "http_429", now);
  // It was taken, but what it was taken as was lost on the way.
  if (heard.status < 300) return { kind: "unknown", code: "unreadable" };
  return refusedFor(code, `http_${heard.status}`);
}

const refusedFor = (code: string | null, otherwise: string): Handed =>
  code !== null && isLimit(code) ? limited(code) : refused(code ?? otherwise, consequenceOf(code));

function heardIn(error: unknown): Heard {
  if (error instanceof NotTaken) return error.heard;
  throw error;
}

type Listed = Pick<Awaited<ReturnType<Twilio["messages"]["page"]>>, "instances" | "nextPage">;

/**
 * Looks for a message among those to its recipient, newest first. They are not asked for by the day they were sent: what Twilio has taken and
 * not sent yet has no such day.
 * @see https://www.twilio.com/docs/messaging/api/message-resource#read-multiple-message-resources
 */
async function found(
  channel: By,
  { to, marker }: Message,
  since: Date,
  settings: TwilioSettings,
  base: URL,
  way: Line,
  signal: AbortSignal,
): Promise<Found> {
  try {
    const api = await twilioApi(settings, base, way, signal);
    let list: Listed = await api.messages.page({ to: addressOf(channel, to), pageSize: page });
    for (let pages = 1; pages <= mostPages; pages += 1) {
      const ours = list.instances.find(({ body, sid }) => body?.includes(marker) && isSid(sid));
      if (ours) {
        const [status, code] = [statusOf(ours.status), codeOf(ours.errorCode)];
        const then = status === "failed" ? consequenceOf(code) : null;
        return { kind: "found", vendorId: ours.sid, status, code, then };
      }
      if (list.instances.some(({ dateCreated }) => dateCreated?.getTime() < since.getTime() - skewMs))
        return { kind: "absent" };
      const next = await list.nextPage();
      if (next === undefined) return { kind: "absent" };
      list = next;
    }
    return away;
  } catch (error) {
    heardIn(error);
    return away;
  }
}

const isSid = (sid: unknown): sid is string => typeof sid === "string" && /^(SM|MM)[0-9a-f]{32}$/i.test(sid);
