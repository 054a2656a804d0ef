import type { Message } from "@dais/kernel/couriers/port";
import { refused } from "../outgoing/handed.ts";

/** Of a message in a chat, as Teams takes it. @see https://learn.microsoft.com/microsoftteams/limits-specifications-teams#chat */
const mostBytes = 28 * 1024;

/**
 * A message as a chat shows it: the subject in bold, a paragraph for each of the text's. What was written for mail isn't sent, as Teams shows
 * little of it; what is attached stays behind.
 */
export function contentOf({ to, subject, text, language }: Message) {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(to)) return refused("invalid_recipient");
  const way = language === "ar" ? ` dir="rtl" lang="ar"` : "";
  const lines = text.split(/\n{2,}/).map((part) => `<p${way}>${escaped(part).replaceAll("\n", "<br>")}</p>`);
  const content = (subject ? `<p${way}><strong>${escaped(subject)}</strong></p>` : "") + lines.join("");
  return Buffer.byteLength(content) > mostBytes ? refused("too_long") : { kind: "content" as const, content };
}

export const escaped = (text: string): string =>
  text
    .replace(/[&<>"]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[sign] as string)
    .replace(/[^\P{Cc}\n\t]+/gu, " ");
