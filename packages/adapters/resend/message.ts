import type { Message } from "@dais/kernel/couriers/port";
import type { CreateEmailOptions } from "resend";
import { refused } from "../outgoing/handed.ts";
import { fileName, isAddress, oneLine } from "../outgoing/texts.ts";

/** Of a whole message with its attachments, as they travel. @see https://resend.com/docs/dashboard/emails/attachments */
export const mostBytes = 40 * 1024 * 1024;

type Settings = { from: string; replyTo: string | null };

/** What Resend is asked to send, the same for the same message; or why it isn't even asked. */
export function requestOf({ from, replyTo }: Settings, message: Message) {
  const { to, subject, text, html, language } = message;
  if (!isAddress(to)) return refused("invalid_recipient");
  if (sizeOf(message) > mostBytes) return refused("too_large");
  const email: CreateEmailOptions = {
    from,
    to,
    subject: oneLine(subject ?? "").slice(0, 250) || "-",
    text,
    ...(html === null ? {} : { html }),
    ...(replyTo === null ? {} : { replyTo }),
    headers: { "Content-Language": language },
    ...(message.attachments.length > 0 && { attachments: message.attachments.map(attached) }),
  };
  return { kind: "request" as const, email };
}

const attached = ({ name, contentType, bytes }: Message["attachments"][number]) => ({
  filename: fileName(name),
  contentType: oneLine(contentType),
  content: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64"),
});

/** In base64, as mail carries what is attached. */
export function sizeOf({ text, html, attachments }: Message): number {
  const words = Buffer.byteLength(text) + Buffer.byteLength(html ?? "");
  return attachments.reduce((sum, { bytes }) => sum + Math.ceil(bytes.length / 3) * 4, words);
}
