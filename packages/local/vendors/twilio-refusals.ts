import type { Reply } from "./door.ts";

/** @see https://www.twilio.com/docs/usage/twilios-response#response-formats-exceptions */
export const refusal = (status: number, code: number, message: string): Reply => ({
  status,
  body: { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status },
});

/**
 * Numbers that Twilio's own test credentials refuse, each with its code.
 * @see https://www.twilio.com/docs/iam/test-credentials#test-sms-messages
 */
const magic: Readonly<Record<string, [number, string]>> = {
  "+15005550001": [21211, "Invalid 'To' Phone Number: +1500555XXXX"],
  "+15005550002": [
    21612,
    "The 'To' phone number: +15005550002, is not currently reachable using the 'From' phone number.",
  ],
  "+15005550003": [21408, "Permission to send an SMS has not been enabled for the region indicated by the 'To' number"],
  "+15005550004": [21610, "Attempt to send to unsubscribed recipient"],
  "+15005550009": [21614, "'To' number is not a valid mobile number"],
};

type Known = { contents: ReadonlyMap<string, string>; optedOut(from: string, to: string): boolean };

/** Why Twilio doesn't take a message; null where it does. In the order in which it looks. */
export function refusalOf(form: URLSearchParams, { contents, optedOut }: Known): Reply | null {
  const [to, from, service] = [form.get("To"), form.get("From"), form.get("MessagingServiceSid")];
  const [body, content, variables] = [form.get("Body"), form.get("ContentSid"), form.get("ContentVariables")];
  if (!to) return refusal(400, 21604, "A 'To' phone number is required.");
  if (!from && !service) return refusal(400, 21603, "A 'From' phone number is required.");
  const whatsapp = to.startsWith("whatsapp:");
  if (from && from.startsWith("whatsapp:") !== whatsapp)
    return refusal(400, 21910, "Invalid From and To pair. From and To should be of the same channel");
  const number = to.replace(/^whatsapp:/, "");
  if (!/^\+[1-9]\d{6,14}$/.test(number)) return refusal(400, 21211, `Invalid 'To' Phone Number: ${to.slice(0, 40)}`);
  if (service && !/^MG[0-9a-f]{32}$/i.test(service)) return refusal(400, 21701, "The Messaging Service does not exist");
  if (from === to) return refusal(400, 21266, "'To' and 'From' number cannot be the same");
  const test = magic[number];
  if (test) return refusal(400, test[0], test[1]);
  if (optedOut(from ?? service ?? "", to)) return refusal(400, 21610, "Attempt to send to unsubscribed recipient");
  if (content) return contentRefusal(content, variables, contents);
  if (!body) return refusal(400, 21602, "Message body is required.");
  if (body.length > 1600) return refusal(400, 21617, "The concatenated message body exceeds the 1600 character limit.");
  return null;
}

function contentRefusal(sid: string, variables: string | null, contents: Known["contents"]): Reply | null {
  if (!contents.has(sid)) return refusal(404, 21655, "The ContentSid is Invalid");
  const values = variables === null ? {} : valuesOf(variables);
  if (
    !values ||
    Object.values(values).some((value) => typeof value !== "string" || value === "" || /[\r\n\t]| {5}/.test(value))
  )
    return refusal(400, 21656, "The ContentVariables Parameter is invalid");
  return null;
}

export function valuesOf(variables: string): Record<string, string> | null {
  try {
    const value: unknown = JSON.parse(variables);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, string>)
      : null;
  } catch {
    return null;
  }
}
