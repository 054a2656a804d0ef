import type { Kept } from "./twilio-messages.ts";

/** How what was taken goes on: as far as this, or to this code. By default a message is delivered. */
export type Fate = "queued" | "sent" | "delivered" | "read" | { code: number; status?: "failed" | "undelivered" };

const steps = ["queued", "sent", "delivered", "read"];
const order = ["accepted", "queued", "sent", "undelivered", "failed", "delivered", "read"];

/** All that is said of a message up to its end. */
export function wordsOf({ to }: Kept, fate: Fate): string[] {
  if (typeof fate === "string") return steps.slice(0, steps.indexOf(fate) + 1);
  return ["queued", "sent", fate.status ?? (to.startsWith("whatsapp:") ? "failed" : "undelivered")];
}

/** Brings a message this far, and never back. */
export function move(kept: Kept, word: string, fate: Fate, at: Date): void {
  if (order.indexOf(word) >= order.indexOf(kept.status)) kept.status = word;
  if (word !== "queued") kept.sent ??= at;
  if (typeof fate !== "string" && failed(word)) kept.code = fate.code;
}

const failed = (word: string): boolean => word === "failed" || word === "undelivered";

/** @see https://www.twilio.com/docs/messaging/guides/track-outbound-message-status */
export const statusFields = (account: string, { sid, to, from, code }: Kept, word: string): Record<string, string> => ({
  ...{ AccountSid: account, ApiVersion: "2010-04-01", MessageSid: sid, SmsSid: sid },
  ...{ MessageStatus: word, SmsStatus: word, To: to, From: from },
  ...(to.startsWith("whatsapp:") ? { ChannelToAddress: to, ChannelPrefix: "whatsapp" } : {}),
  ...(failed(word) && code !== null ? { ErrorCode: String(code) } : {}),
});

type More = { wish: string | null; repliedTo: string | undefined };

/** @see https://www.twilio.com/docs/messaging/guides/webhook-request */
export const inboundFields = (account: string, kept: Kept, { wish, repliedTo }: More): Record<string, string> => ({
  ...{ AccountSid: account, ApiVersion: "2010-04-01", MessageSid: kept.sid, SmsMessageSid: kept.sid, SmsSid: kept.sid },
  ...{ SmsStatus: "received", From: kept.from, To: kept.to, Body: kept.body, NumMedia: "0", NumSegments: "1" },
  ...(kept.from.startsWith("whatsapp:")
    ? { WaId: kept.from.slice("whatsapp:+".length), ProfileName: "Stand-in", MessageType: "text" }
    : {}),
  ...(wish ? { OptOutType: wish } : {}),
  ...(repliedTo === undefined ? {} : { OriginalRepliedMessageSid: repliedTo }),
});

/** The words of its default keywords. @see https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out */
export function optOutOf(text: string): "STOP" | "START" | "HELP" | null {
  const word = text.trim().toUpperCase();
  if (["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "OPTOUT", "REVOKE"].includes(word)) return "STOP";
  if (["START", "YES", "UNSTOP"].includes(word)) return "START";
  return ["HELP", "INFO"].includes(word) ? "HELP" : null;
}
