import type { Message } from "@dais/kernel/couriers/port";
import { refused } from "../outgoing/handed.ts";
import { isNumber } from "../outgoing/texts.ts";
import type { Sender } from "./settings.ts";

export type By = "whatsapp" | "sms";

/** Of a body, in UTF-16 units. What is longer Twilio refuses (21617). */
const mostUnits = 1600;

export const addressOf = (channel: By, number: string): string => (channel === "sms" ? number : `whatsapp:${number}`);

/**
 * What Twilio is asked to send; or why it isn't even asked. What is attached stays behind: these channels carry text, which says where the
 * rest is.
 * @see https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource
 */
export function requestOf(channel: By, from: Sender, message: Message) {
  const { to, text, template, insideWindow, callbackUrl } = message;
  if (!isNumber(to)) return refused("invalid_recipient");
  const templated = channel === "whatsapp" && template !== null && !insideWindow;
  if (channel === "whatsapp" && !insideWindow && template === null) return refused("outside_window");
  if (!templated && text.trim() === "") return refused("empty");
  if (!templated && text.length > mostUnits) return refused("too_long");
  const service = from.startsWith("+") ? null : from;
  return {
    kind: "request" as const,
    params: {
      to: addressOf(channel, to),
      ...(service ? { messagingServiceSid: service } : { from: addressOf(channel, from) }),
      ...(templated ? contentOf(template) : { body: text }),
      ...(callbackUrl === null ? {} : { statusCallback: callbackUrl }),
    },
  };
}

const contentOf = ({ contentSid, variables }: NonNullable<Message["template"]>) => ({
  contentSid,
  contentVariables: JSON.stringify(
    Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, plain(value)])),
  ),
});

/**
 * WhatsApp refuses a template's variable with a line break, a tab or more than four spaces in a row, and one with nothing in it.
 * @see https://www.twilio.com/docs/content/using-variables-with-content-api
 */
const plain = (value: string): string => value.replace(/[\s\p{Cc}\p{Zl}\p{Zp}]+/gu, " ").trim() || "-";
