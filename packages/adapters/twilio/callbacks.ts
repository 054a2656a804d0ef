import { createHash } from "node:crypto";
import type { Callback, CallbackReader, Told } from "@dais/kernel/couriers/port";
import { objectIn } from "../outgoing/handed.ts";
import { isNumber } from "../outgoing/texts.ts";
import { codeOf, consequenceOf } from "./codes.ts";
import { checkedSettings, type TwilioSettings } from "./settings.ts";
import { statusOf } from "./statuses.ts";
import { wishOf } from "./words.ts";

type Fields = Record<string, string | string[]>;

const mostBytes = 64 * 1024;

/**
 * Reads what Twilio says of messages, and what people answer. Its signatures carry no time: what is said twice is known by its digest, and
 * nothing else keeps a replay out.
 * @see https://www.twilio.com/docs/usage/security#validating-requests
 * @throws Error where the settings can't be used
 */
export function twilioReader(settings: TwilioSettings): CallbackReader {
  const { accountSid, authTokens, now } = checkedSettings(settings);
  return {
    vendor: "twilio",
    // TwiML that has nothing to say: any other text would be sent to whoever wrote.
    heard: { type: "text/xml; charset=utf-8", body: "<Response/>" },
    async read(callback) {
      const fields = await signedFields(callback, authTokens);
      if (fields === null || one(fields.AccountSid) !== accountSid) return null;
      return told(fields, now());
    },
  };
}

/** The fields of a request that one of the tokens has signed, or null. */
async function signedFields({ url, headers, body }: Callback, tokens: readonly string[]): Promise<Fields | null> {
  const signature = headers.get("x-twilio-signature");
  if (signature === null || body.length > mostBytes || !URL.canParse(url)) return null;
  // Not the SDK as a whole, which takes half a second to load.
  const { validateRequest, validateRequestWithBody } = await import("twilio/lib/webhooks/webhooks.js");
  const text = new TextDecoder().decode(body);
  if (isForm(headers)) {
    const fields = formIn(text);
    return tokens.some((token) => validateRequest(token, signature, url, fields)) ? fields : null;
  }
  // Other bodies are signed by a digest in the address, and by nothing where there is none.
  if (!new URL(url).searchParams.has("bodySHA256")) return null;
  if (!tokens.some((token) => validateRequestWithBody(token, signature, url, text))) return null;
  return textsOf(objectIn(text));
}

const isForm = (headers: Headers): boolean =>
  /^application\/x-www-form-urlencoded\s*(;|$)/i.test(headers.get("content-type") ?? "");

/** As they were sent: a field that is there twice has both values signed. */
function formIn(text: string): Fields {
  const form = new URLSearchParams(text);
  return Object.fromEntries(
    [...new Set(form.keys())].map((name) => {
      const values = form.getAll(name);
      return [name, values.length === 1 ? (values[0] as string) : values];
    }),
  );
}

const textsOf = (object: Record<string, unknown> | null): Fields | null =>
  object &&
  Object.fromEntries(Object.entries(object).flatMap(([name, value]) => (isText(value) ? [[name, String(value)]] : [])));

const isText = (value: unknown) => typeof value === "string" || typeof value === "number";

/** A field's value where it has just one. */
const one = (value: string | string[] | undefined): string | null => (typeof value === "string" ? value : null);

function told(fields: Fields, at: Date): Told[] {
  const word = one(fields.MessageStatus) ?? one(fields.SmsStatus);
  const vendorId = one(fields.MessageSid) ?? one(fields.SmsSid);
  if (vendorId === null || !/^(SM|MM)[0-9a-f]{32}$/i.test(vendorId)) return [];
  if (word === null || word === "received" || word === "receiving") return heard(fields, vendorId, at);
  const status = statusOf(word);
  if (status === null) return [];
  const code = codeOf(one(fields.ErrorCode));
  const then = status === "failed" ? consequenceOf(code) : null;
  return [{ kind: "status", digest: digestOf(vendorId, word, code ?? ""), vendorId, status, code, then, at }];
}

/** What somebody wrote to us: a wish about messages, or an answer. */
function heard(fields: Fields, sid: string, at: Date): Told[] {
  const sender = one(fields.From) ?? "";
  const channel = sender.startsWith("whatsapp:") ? "whatsapp" : "sms";
  const from = sender.replace(/^whatsapp:/, "");
  if (!isNumber(from)) return [];
  const text = (one(fields.Body) ?? "").replaceAll("\0", "").slice(0, 4096);
  const said = { STOP: "opt_out", START: "opt_in" }[one(fields.OptOutType)?.toUpperCase() ?? ""] as
    | "opt_out"
    | "opt_in";
  const wish = said ?? wishOf(text);
  if (wish) return [{ kind: wish, digest: digestOf(sid, wish), channel, from, at }];
  const replied = one(fields.OriginalRepliedMessageSid);
  const inReplyTo = replied !== null && /^(SM|MM)[0-9a-f]{32}$/i.test(replied) ? replied : null;
  return [{ kind: "reply", digest: digestOf(sid, "reply"), channel, from, text, inReplyTo, at }];
}

const digestOf = (...parts: string[]): string =>
  createHash("sha256")
    .update(["twilio", ...parts].join("\n"))
    .digest("hex");
