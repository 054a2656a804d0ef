import { createHmac } from "node:crypto";

/**
 * Signs a form that is posted to `url`, as Twilio does: the address as it was configured, then each name and value by the order of the names.
 * @see https://www.twilio.com/docs/usage/security#validating-requests
 */
export function signatureOf(authToken: string, url: string, fields: Readonly<Record<string, string>>): string {
  const text = Object.keys(fields)
    .sort()
    .reduce((sum, name) => sum + name + fields[name], url);
  return createHmac("sha1", authToken).update(text, "utf8").digest("base64");
}

export function formOf(fields: Readonly<Record<string, string>>): string {
  return new URLSearchParams(fields).toString();
}
