import type { Courier, Found, Handed, Message, Still, Unsent } from "@dais/kernel/couriers/port";
import { away, codeFrom, objectIn, refused, short, tooMany, withoutBody } from "../outgoing/handed.ts";
import { baseOf, type Heard, line, sendingAtOnce } from "../outgoing/line.ts";
import { resendApi } from "./api.ts";
import { requestOf } from "./message.ts";
import type { ResendSettings } from "./settings.ts";

export { resendReader } from "./callbacks.ts";
export type { ResendSettings } from "./settings.ts";

/** Resend keeps a key for 24 hours. An hour is left for clocks that differ, and for the message that is under way. */
const keptMs = 23 * 3_600_000;
/** Refused for what is in it, as it would have been before. */
const badBytes = new Set([400, 413, 422]);
/** Limits of a day or a month: waiting some seconds is of no use. */
const exhausted = new Set(["daily_quota_exceeded", "monthly_quota_exceeded"]);

/**
 * Mail by Resend.
 * @throws Error where the settings can't be used
 */
export function resendCourier(settings: ResendSettings): Courier {
  const { baseUrl = "https://api.resend.com", timeoutMs = 10_000, now } = settings;
  const way = line({ timeoutMs });
  const base = baseOf(baseUrl);

  /** What came of saying it, and whether the same bytes can't ever have been taken. */
  async function say(
    message: Message,
    signal: AbortSignal,
    still?: Still,
  ): Promise<{ handed: Handed | Unsent; never: boolean }> {
    const request = requestOf(settings, message);
    if (request.kind === "refused") return { handed: request, never: true };
    const { api, heard } = await resendApi(settings, base, way, signal, still);
    const { data } = await api.emails.send(request.email, { idempotencyKey: message.key });
    const vendorId = short(data?.id);
    if (vendorId) return { handed: { kind: "accepted", vendorId, status: null }, never: false };
    const last = heard() ?? ({ kind: "lost", left: true, code: "unexpected_answer" } satisfies Heard);
    return { handed: notTaken(last, now()), never: last.kind === "answered" && badBytes.has(last.status) };
  }

  return {
    channel: "email",
    vendor: "resend",
    honoursKeys: true,
    atOnce: sendingAtOnce,
    send: async (message, signal, still) => (await say(message, signal, still)).handed,
    /**
     * Says the same with the same key once more: either it was taken, and the answer is the one that was lost; or it is taken now. Only as
     * long as Resend remembers the key, as afterwards it would send it again.
     * @see https://resend.com/docs/dashboard/emails/idempotency-keys
     */
    async find(message, since, signal, still): Promise<Found> {
      if (now().getTime() - since.getTime() > keptMs) return { kind: "untold" };
      const { handed, never } = await say(message, signal, still);
      if (handed.kind === "accepted") return { ...handed, kind: "found", code: null };
      // The key was used for other bytes: something was taken, and what became of it only a callback can tell.
      if (handed.kind === "unknown" && handed.code === otherBytes) return { kind: "untold" };
      // Refused now for a key that was revoked meanwhile, or for a quota, it may still have been taken then.
      return never ? { kind: "absent" } : away;
    },
    close: async () => way.close(),
  };
}

const otherBytes = "invalid_idempotent_request";

/** @see https://resend.com/docs/api-reference/errors */
function notTaken(heard: Heard, now: Date): Handed | Unsent {
  const certain = withoutBody(heard);
  if (certain || heard.kind === "lost") return certain ?? refused("unreachable", "retry");
  const code = codeFrom(objectIn(heard.text)?.name) ?? `http_${heard.status}`;
  if (heard.status < 300) return { kind: "unknown", code: "unreadable" };
  // Another request with this key was taken, or is being taken at this moment.
  if (heard.status === 409) return { kind: "unknown", code };
  if (heard.status === 429) return exhausted.has(code) ? refused(code) : tooMany(heard, code, now);
  return refused(code);
}
