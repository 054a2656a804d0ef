import type { Reply } from "./door.ts";

/** @see https://resend.com/docs/api-reference/errors */
export const refusal = (statusCode: number, name: string, message: string): Reply => ({
  status: statusCode,
  body: { statusCode, name, message },
});

/** A message as it is asked for. */
export type Email = {
  from: string;
  to: string[];
  subject: string;
  text: string | null;
  html: string | null;
  replyTo: string | null;
  headers: Record<string, string>;
  attachments: { filename: string; content: string; contentType: string }[];
};

const mostBytes = 40 * 1024 * 1024;
const address = /^[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;]+$/;
const named = /^[^\r\n<>]*<([^<>]+)>$/;

const list = (value: unknown): unknown[] =>
  Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
const textOr = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);
const isAddress = (value: unknown): value is string =>
  typeof value === "string" && address.test(named.exec(value)?.[1] ?? value);

/** Reads what is asked for; or says why it isn't taken. @see https://resend.com/docs/api-reference/emails/send-email */
export function emailIn(said: Record<string, unknown> | null, bytes: number): Email | Reply {
  if (said === null) return refusal(400, "validation_error", "The request body is not valid JSON.");
  const missing = ["from", "to", "subject"].find((name) => said[name] === undefined || said[name] === "");
  if (missing) return refusal(422, "missing_required_field", `Missing \`${missing}\` field.`);
  const to = list(said.to);
  if (!isAddress(said.from))
    return refusal(
      422,
      "validation_error",
      "Invalid `from` field. The email address needs to follow the `email@example.com` or `Name <email@example.com>` format.",
    );
  if (to.length === 0 || to.length > 50 || !to.every(isAddress))
    return refusal(
      422,
      "validation_error",
      "Invalid `to` field. Please use our testing email address instead of domains like `example.com`.",
    );
  const [text, html] = [textOr(said.text), textOr(said.html)];
  if (text === null && html === null) return refusal(422, "missing_required_field", "Missing `html` or `text` field.");
  if (typeof said.subject !== "string" || /[\r\n]/.test(said.subject))
    return refusal(422, "validation_error", "The `subject` field must not contain line breaks.");
  if (bytes > mostBytes + 1024 * 1024) return refusal(413, "validation_error", "The email is larger than 40MB.");
  const attachments = list(said.attachments) as Record<string, unknown>[];
  if (attachments.some(({ content, path }) => typeof content !== "string" && typeof path !== "string"))
    return refusal(422, "invalid_attachment", "Attachment must have either a `content` or `path`.");
  return {
    ...{ from: said.from, to, subject: said.subject, text, html, replyTo: textOr(list(said.reply_to)[0]) },
    headers: (said.headers ?? {}) as Record<string, string>,
    attachments: attachments.map(({ filename, content, content_type }) => ({
      filename: String(filename ?? "file"),
      content: String(content),
      contentType: String(content_type ?? "application/octet-stream"),
    })),
  };
}
