import type { Message } from "@dais/kernel/couriers/port";
import type { SendMailOptions } from "nodemailer";
import { refused } from "../outgoing/handed.ts";
import { fileName, isAddress, oneLine } from "../outgoing/texts.ts";

/** As with Resend; a server that takes less says so. */
const mostBytes = 40 * 1024 * 1024;

type Settings = { from: string; replyTo: string | null; domain: string };

/** What is handed to the server; or why it isn't even asked. */
export function mailOf({ from, replyTo, domain }: Settings, message: Message) {
  const { key, to, subject, text, html, language, attachments } = message;
  if (!isAddress(to)) return refused("invalid_recipient");
  const size = attachments.reduce((sum, { bytes }) => sum + Math.ceil(bytes.length / 3) * 4, text.length);
  if (size > mostBytes) return refused("too_large");
  const mail: SendMailOptions = {
    messageId: idOf(key, domain),
    from,
    to: { name: "", address: to },
    ...(replyTo === null ? {} : { replyTo }),
    subject: oneLine(subject ?? "").slice(0, 250) || "-",
    text,
    ...(html === null ? {} : { html }),
    // Nobody's holiday note is to answer it (RFC 3834, section 5).
    headers: { "content-language": language, "auto-submitted": "auto-generated" },
    attachments: attachments.map(({ name, contentType, bytes }) => ({
      filename: fileName(name),
      contentType: oneLine(contentType),
      content: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    })),
    disableFileAccess: true,
    disableUrlAccess: true,
  };
  return { kind: "mail" as const, mail };
}

/** The same for the same attempt, so that a mailbox that gets it twice can show it once. @see RFC 5322, section 3.6.4 */
export const idOf = (key: string, domain: string): string => `<${key}@${domain}>`;
