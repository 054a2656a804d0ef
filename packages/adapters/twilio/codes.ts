import type { Consequence } from "@dais/kernel/couriers/port";

/**
 * What follows from Twilio's codes, with the title that its dictionary gives each. `retry` only where the dictionary says that the message
 * was not taken, or was given up, for want of room or by a fault of theirs; whatever lies in the recipient, the sender or the text is no
 * better in a minute, and the next channel is.
 * @see https://www.twilio.com/docs/api/errors
 */
export const codes: Readonly<Record<string, readonly [words: string, Consequence]>> = {
  14107: ["SMS send rate limit exceeded", "retry"],
  20003: ["Authenticate", "fallback"],
  20429: ["Too Many Requests", "retry"],
  21211: ["Invalid 'To' Phone Number", "fallback"],
  21265: ["'To' number cannot be a Short Code", "fallback"],
  21266: ["'To' and 'From' numbers cannot be the same", "fallback"],
  21408: ["Permission to send an SMS has not been enabled for the region", "fallback"],
  21602: ["Message body is required", "fallback"],
  21606: ["The 'From' phone number is not a valid message-capable number", "fallback"],
  21608: ["The 'to' number is not verified for trial accounts", "fallback"],
  21610: ["Attempt to send to unsubscribed recipient", "opt_out"],
  21611: ["This 'From' number has exceeded the maximum number of queued messages", "retry"],
  21612: ["Message cannot be sent with the current combination of 'To' and/or 'From'", "fallback"],
  21614: ["'To' number is not a valid mobile number", "fallback"],
  21617: ["The concatenated message body exceeds the 1600 character limit", "fallback"],
  21635: ["'To' number cannot be a landline", "fallback"],
  21655: ["The ContentSid is invalid", "fallback"],
  21656: ["The ContentVariables parameter is invalid", "fallback"],
  21703: ["The Messaging Service does not have a phone number available", "fallback"],
  30001: ["Queue overflow", "retry"],
  30002: ["Account suspended", "fallback"],
  30003: ["Unreachable destination handset", "fallback"],
  30004: ["Message blocked", "fallback"],
  30005: ["Unknown destination handset", "fallback"],
  30006: ["Landline or unreachable carrier", "fallback"],
  30007: ["Message filtered", "fallback"],
  30008: ["Unknown error", "fallback"],
  30010: ["Message price exceeds max price", "fallback"],
  30022: ["US A2P 10DLC - Rate Limits Exceeded", "retry"],
  30023: ["US A2P 10DLC - Daily Message Cap Reached", "fallback"],
  30034: ["US A2P 10DLC - Message from an Unregistered Number", "fallback"],
  30036: ["Validity Period Expired", "fallback"],
  63001: ["Channel could not authenticate the request", "fallback"],
  63003: ["Channel could not find To address", "fallback"],
  63005: ["Channel did not accept given content", "fallback"],
  63007: ["Could not find a Channel with the specified From address", "fallback"],
  63010: ["Channels - Twilio Internal error", "retry"],
  63012: ["Channel provider returned an internal service error", "retry"],
  63013: ["Channel policy violation", "fallback"],
  63014: ["Channel message blocked by user action", "opt_out"],
  63015: ["Channel Sandbox can only send messages to phone numbers that have joined it", "fallback"],
  63016: ["Outside messaging window", "fallback"],
  63017: ["Rate limit exceeded", "retry"],
  63018: ["Rate limit exceeded for Channel", "retry"],
  63021: ["Channel invalid content error", "fallback"],
  63024: ["Invalid message recipient", "fallback"],
  63027: ["Template does not exist for a language and locale", "fallback"],
  63028: ["Number of parameters provided does not match the expected number", "fallback"],
  63032: ["WhatsApp cannot send this message to this user because of a limitation", "fallback"],
  63033: ["Recipient blocked to receive message", "fallback"],
  63038: ["Account exceeded the daily messages limit", "fallback"],
  63040: ["Template rejected", "fallback"],
  63041: ["Template paused", "fallback"],
  63042: ["Template disabled", "fallback"],
  63049: ["Meta chose not to deliver this WhatsApp marketing message", "fallback"],
  63051: ["WhatsApp Business Account is restricted", "fallback"],
};

/** Of those, the ones that say that an account or a sender has sent too much for now. */
const limits: ReadonlySet<string> = new Set(["14107", "20429", "21611", "30001", "30022", "63017", "63018"]);
export const isLimit = (code: string | null): boolean => code !== null && limits.has(code);

/** What to do about a code. One that isn't known here is no reason to try the same again. */
export const consequenceOf = (code: string | null): Consequence =>
  (code !== null && Object.hasOwn(codes, code) ? codes[code]?.[1] : undefined) ?? "fallback";

/** A code as Twilio writes it, in JSON as a number and in forms as digits; null for anything else. */
export const codeOf = (value: unknown): string | null =>
  (typeof value === "number" || typeof value === "string") && /^[1-9]\d{3,5}$/.test(String(value))
    ? String(value)
    : null;
