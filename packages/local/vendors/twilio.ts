import { randomBytes } from "node:crypto";
import { type CallbackOptions, tellerOf } from "./callbacks.ts";
import { type Asked, objectOf, open, type Reply } from "./door.ts";
import { type FaultPlan, faultsOf } from "./faults.ts";
import type { Shown } from "./shown.ts";
import { type Kept, pageOf, resourceOf } from "./twilio-messages.ts";
import { type Fate, inboundFields, move, optOutOf, statusFields, wordsOf } from "./twilio-progress.ts";
import { refusal, refusalOf, valuesOf } from "./twilio-refusals.ts";
import { formOf, signatureOf } from "./twilio-signature.ts";

export type TwilioOptions = CallbackOptions & {
  accountSid?: string;
  authToken?: string;
  /** Where what people write is told; without it nobody is. */
  inboundUrl?: string | null;
  faults?: FaultPlan;
  /** How often somebody reads what came by WhatsApp, from 0 to 1. */
  reads?: number;
  now?(): Date;
};

export type { Fate } from "./twilio-progress.ts";

export type Incoming = { channel: "whatsapp" | "sms"; from: string; to: string; text: string; repliedTo?: string };

const dayMs = 86_400_000;
const placeholders = /\{\{(\w+)\}\}/g;
const sidOf = (kind: string): string => kind + randomBytes(16).toString("hex");

/**
 * Stands in for Twilio: its Messages and Content APIs on this machine, with the callbacks it makes. Whoever sends a free text to somebody on
 * WhatsApp who has been silent for a day learns by callback that it failed (63016), as there; so does who sends a template other variables than it names (63028).
 * @see https://www.twilio.com/docs/messaging/api/message-resource and https://www.twilio.com/docs/content/content-api-resources
 */
export async function startTwilio(options: TwilioOptions = {}) {
  const {
    accountSid = `AC${"0".repeat(32)}`,
    authToken = "twilio-stand-in",
    reads = 0,
    now = () => new Date(),
  } = options;
  const faults = faultsOf(options.faults);
  const teller = tellerOf(faults, options);
  const messages = new Map<string, Kept>();
  const byRecipient = new Map<string, Kept[]>();
  const contents = new Map<string, string>();
  const fates = new Map<string, Fate>();
  const lastHeard = new Map<string, number>();
  const silent = new Set<string>();
  let inboundUrl = options.inboundUrl ?? null;

  const basic = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString("base64")}`;
  const root = `/2010-04-01/Accounts/${accountSid}/Messages`;

  function answer(asked: Asked): Reply {
    const { method, path } = asked;
    if (asked.headers.authorization !== basic) return refusal(401, 20003, "Authenticate");
    if (path === `${root}.json` && method === "POST") return create(asked);
    if (path === `${root}.json` && method === "GET") {
      const to = asked.url.searchParams.get("To");
      return pageOf(accountSid, asked, to === null ? [...messages.values()] : (byRecipient.get(to) ?? []));
    }
    const kept = path.startsWith(`${root}/`)
      ? messages.get(path.slice(root.length + 1).replace(/\.json$/, ""))
      : undefined;
    if (kept && method === "GET") return { status: 200, body: resourceOf(accountSid, kept) };
    if (path === "/v1/Content" && method === "POST") return addContent(asked);
    const content = /^\/v1\/Content\/(HX\w+)$/.exec(path)?.[1];
    if (content && contents.has(content)) return { status: 200, body: contentOf(content) };
    return refusal(404, 20404, `The requested resource ${path} was not found`);
  }

  function create({ body }: Asked): Reply {
    const form = new URLSearchParams(body.toString("utf8"));
    const refused = refusalOf(form, {
      contents,
      optedOut: (_from, to) => !to.startsWith("whatsapp:") && silent.has(to),
    });
    if (refused) return refused;
    const content = form.get("ContentSid");
    const kept = keep({
      ...{ to: form.get("To") as string, from: form.get("From") ?? "", service: form.get("MessagingServiceSid") },
      body: content ? rendered(content, form.get("ContentVariables")) : (form.get("Body") as string),
      ...{ direction: "outbound-api", status: form.has("MessagingServiceSid") ? "accepted" : "queued" },
      callback: form.get("StatusCallback"),
    });
    const whatsapp = kept.to.startsWith("whatsapp:");
    const closed = whatsapp && !content && !inWindow(kept.to);
    const unlike = whatsapp && content && !isFilled(content, form.get("ContentVariables"));
    const made = resourceOf(accountSid, kept);
    teller.tell(progress(kept, closed ? { code: 63016 } : unlike ? { code: 63028 } : fateOf(kept)));
    return { status: 201, body: made };
  }

  function keep(of: Omit<Kept, "sid" | "created" | "sent" | "code">): Kept {
    const kept: Kept = { ...of, sid: sidOf("SM"), created: now(), sent: null, code: null };
    messages.set(kept.sid, kept);
    const list = byRecipient.get(kept.to);
    if (list) list.push(kept);
    else byRecipient.set(kept.to, [kept]);
    return kept;
  }

  const inWindow = (to: string) => now().getTime() - (lastHeard.get(to) ?? Number.NEGATIVE_INFINITY) < dayMs;

  function fateOf({ to }: Kept): Fate {
    const said = fates.get(to.replace(/^whatsapp:/, ""));
    if (said !== undefined) return said;
    return to.startsWith("whatsapp:") && faults.chance(reads) ? "read" : "delivered";
  }

  /** What is told of a message, one after the other, up to its end. */
  function progress(kept: Kept, fate: Fate) {
    const { callback } = kept;
    if (callback === null) for (const word of wordsOf(kept, fate)) move(kept, word, fate, now());
    if (callback === null) return [];
    return wordsOf(kept, fate).map((word) => () => {
      move(kept, word, fate, now());
      return signed(callback, statusFields(accountSid, kept, word));
    });
  }

  const signed = (url: string, fields: Record<string, string>) => ({
    url,
    body: formOf(fields),
    headers: {
      "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
      "user-agent": "TwilioProxy/1.1",
      "x-twilio-signature": signatureOf(authToken, url, fields),
      "i-twilio-idempotency-token": randomBytes(16).toString("hex"),
    },
  });

  const rendered = (sid: string, variables: string | null): string => {
    const values = variables === null ? {} : (valuesOf(variables) ?? {});
    return (contents.get(sid) ?? "").replace(placeholders, (whole, name) => values[name] ?? whole);
  };

  /** Whether variables are those that the template names, neither more nor fewer. @see https://www.twilio.com/docs/api/errors/63028 */
  const isFilled = (sid: string, variables: string | null): boolean => {
    const named = new Set([...(contents.get(sid) ?? "").matchAll(placeholders)].map(([, name]) => name));
    const said = Object.keys((variables === null ? null : valuesOf(variables)) ?? {});
    return said.length === named.size && said.every((name) => named.has(name));
  };

  function addContent({ body }: Asked): Reply {
    const said = objectOf(body);
    const types = said?.types as Record<string, { body?: unknown }> | undefined;
    const text = types && Object.values(types)[0]?.body;
    if (typeof text !== "string" || typeof said?.language !== "string") return refusal(400, 20001, "Invalid content");
    return { status: 201, body: contentOf(template(text)) };
  }

  const contentOf = (sid: string) => ({
    ...{ account_sid: accountSid, sid, friendly_name: sid, language: "en" },
    types: { "twilio/text": { body: contents.get(sid) } },
  });

  function template(text: string, sid = sidOf("HX")): string {
    contents.set(sid, text);
    return sid;
  }

  /** What Twilio does with it: the window opens, words that stop are kept to, and whoever is to know is told. */
  function receive({ channel, from, to, text, repliedTo }: Incoming): string {
    const prefix = channel === "whatsapp" ? "whatsapp:" : "";
    const kept = keep({
      ...{ to: prefix + to, from: prefix + from, service: null, body: text },
      ...{ direction: "inbound", status: "received", callback: null },
    });
    lastHeard.set(prefix + from, now().getTime());
    const wish = channel === "sms" ? optOutOf(text) : null;
    if (wish === "STOP") silent.add(from);
    if (wish === "START") silent.delete(from);
    const fields = inboundFields(accountSid, kept, { wish, repliedTo });
    const url = inboundUrl;
    if (url !== null) teller.tell([() => signed(url, fields)]);
    return kept.sid;
  }

  const opened = await open({
    faults,
    answer,
    kindOf: ({ method, path }) => (path !== `${root}.json` ? null : method === "POST" ? "sending" : "looking"),
    refused: { ...refusal(429, 20429, "Too Many Requests"), headers: { "retry-after": "1" } },
    broken: refusal(500, 20500, "An internal server error has occurred"),
  });

  return {
    ...{ url: opened.url, requests: opened.requests, accountSid, authToken, faults },
    /** All that was sent and taken, the oldest first. */
    sent: (): Shown[] => [...messages.values()].filter(({ direction }) => direction !== "inbound").map(shownOf),
    /** All that one recipient got. @param to E.164 */
    sentTo: (to: string): Shown[] =>
      [to, `whatsapp:${to}`]
        .flatMap((address) => byRecipient.get(address) ?? [])
        .filter(({ direction }) => direction !== "inbound")
        .map(shownOf),
    template,
    receive,
    /** Lets what this recipient gets come to this end. @param to E.164 */
    fate: (to: string, fate: Fate) => void fates.set(to, fate),
    /** Tells once more, or first, that a message is this far. */
    tellOf: (sid: string, word: string) => {
      const kept = messages.get(sid);
      const url = kept?.callback;
      if (url) teller.tell([() => signed(url, statusFields(accountSid, kept, word))]);
    },
    listenAt: (url: string | null) => {
      inboundUrl = url;
    },
    signed,
    ...{ settled: teller.settled, answers: teller.answers },
    async close() {
      teller.close();
      await opened.close();
    },
  };
}
export type Twilio = Awaited<ReturnType<typeof startTwilio>>;

const shownOf = ({ sid, to, from, service, body, status, code, created }: Kept): Shown => ({
  id: sid,
  channel: to.startsWith("whatsapp:") ? "whatsapp" : "sms",
  from: from.replace(/^whatsapp:/, "") || (service ?? ""),
  to: to.replace(/^whatsapp:/, ""),
  ...{ subject: null, text: body, html: null, attachments: [] },
  ...{ status, code: code === null ? null : String(code), at: created },
});
