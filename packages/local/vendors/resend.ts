import { createHash, randomUUID } from "node:crypto";
import { type CallbackOptions, tellerOf } from "./callbacks.ts";
import { type Asked, objectOf, open, type Reply } from "./door.ts";
import { type FaultPlan, faultsOf } from "./faults.ts";
import { type Email, emailIn, refusal } from "./resend-refusals.ts";
import { type Attached, filesOf, type Shown } from "./shown.ts";
import { svixHeaders } from "./svix.ts";

export type ResendOptions = CallbackOptions & {
  apiKey?: string;
  /** Where what becomes of mail is told; without it nobody is. */
  webhookUrl?: string | null;
  webhookSecret?: string;
  faults?: FaultPlan;
  /** How often somebody opens their mail, from 0 to 1. */
  reads?: number;
  now?(): Date;
};

/** How what was taken ends. By default it is delivered. */
export type MailFate = "sent" | "delivered" | "opened" | "bounced" | "complained" | "failed" | "suppressed";

type Kept = Shown & { email: Email };
/** Whom it doesn't send to. @see https://resend.com/docs/webhooks/suppressions/added */
type Suppressed = { id: string; email: string; origin: Origin; source_id: string | null; created_at: string };
type Origin = "bounce" | "complaint" | "manual";
type Answered = { digest: string; at: number; reply: Reply };

const dayMs = 24 * 3_600_000;

/**
 * Stands in for Resend: its API for mail on this machine, with the webhooks it sends. Its own addresses for tests, such as
 * `bounced@resend.dev`, come to their ends.
 * @see https://resend.com/docs/api-reference/emails/send-email and https://resend.com/docs/dashboard/emails/send-test-emails
 */
export async function startResend(options: ResendOptions = {}) {
  const { apiKey = "re_stand-in", reads = 0, now = () => new Date() } = options;
  const { webhookSecret = `whsec_${Buffer.alloc(24, 7).toString("base64")}` } = options;
  const faults = faultsOf(options.faults);
  const teller = tellerOf(faults, options);
  const files = filesOf();
  const mails = new Map<string, Kept>();
  const byRecipient = new Map<string, Kept[]>();
  const keys = new Map<string, Answered>();
  const fates = new Map<string, MailFate>();
  const suppressions = new Map<string, Suppressed>();
  let webhookUrl = options.webhookUrl ?? null;

  function answer(asked: Asked): Reply {
    const { authorization } = asked.headers;
    if (!authorization) return refusal(401, "missing_api_key", "Missing API key in the authorization header.");
    if (authorization !== `Bearer ${apiKey}`) return refusal(403, "invalid_api_key", "API key is invalid");
    if (asked.path === "/emails" && asked.method === "POST") return once(asked);
    const kept = asked.method === "GET" ? mails.get(/^\/emails\/([\w-]+)$/.exec(asked.path)?.[1] ?? "") : undefined;
    return kept
      ? { status: 200, body: resourceOf(kept) }
      : refusal(404, "not_found", "The requested endpoint does not exist.");
  }

  /** The same key and the same bytes: the same answer, for a day. @see https://resend.com/docs/dashboard/emails/idempotency-keys */
  function once(asked: Asked): Reply {
    const key = asked.headers["idempotency-key"];
    if (typeof key !== "string") return create(asked);
    if (key.length < 1 || key.length > 256)
      return refusal(400, "invalid_idempotency_key", "The key must be between 1-256 chars.");
    const digest = createHash("sha256").update(asked.body).digest("hex");
    const before = keys.get(key);
    if (before && now().getTime() - before.at < dayMs)
      return before.digest === digest
        ? before.reply
        : refusal(409, "invalid_idempotent_request", "Same idempotency key used with a different request payload.");
    const reply = create(asked);
    if (reply.status === 200) keys.set(key, { digest, at: now().getTime(), reply });
    return reply;
  }

  function create({ body }: Asked): Reply {
    const email = emailIn(objectOf(body), body.length);
    if ("status" in email) return email;
    const kept = keep(email);
    const fate = fateOf(email.to[0] as string);
    const words: Record<MailFate, string[]> = {
      ...{ sent: ["sent"], delivered: ["sent", "delivered"], opened: ["sent", "delivered", "opened"] },
      ...{ bounced: ["sent", "bounced"], complained: ["sent", "delivered", "complained"] },
      ...{ failed: ["failed"], suppressed: ["suppressed"] },
    };
    const url = webhookUrl;
    if (url === null) kept.status = words[fate].at(-1) ?? kept.status;
    else teller.tell(words[fate].map((word) => () => eventOf(url, kept, word)));
    return { status: 200, body: { id: kept.id } };
  }

  function keep(email: Email): Kept {
    const attachments: Attached[] = email.attachments.map(({ filename, content, contentType }) => ({
      name: filename,
      contentType,
      ...files.keep(content),
    }));
    // What is attached is kept once, beside the mails.
    const own = { ...email, attachments: [] };
    const [to] = email.to as [string];
    const kept: Kept = {
      ...{ id: randomUUID(), channel: "email" as const, from: email.from, to, subject: email.subject },
      ...{ text: email.text ?? "", html: email.html, attachments, status: "queued", code: null, at: now(), email: own },
    };
    mails.set(kept.id, kept);
    for (const address of email.to) {
      const list = byRecipient.get(address);
      if (list) list.push(kept);
      else byRecipient.set(address, [kept]);
    }
    return kept;
  }

  function fateOf(to: string): MailFate {
    if (suppressions.has(to)) return "suppressed";
    const test = /^(delivered|bounced|complained|suppressed)(\+[^@]*)?@resend\.dev$/.exec(to)?.[1];
    return fates.get(to) ?? (test as MailFate | undefined) ?? (faults.chance(reads) ? "opened" : "delivered");
  }

  function eventOf(url: string, kept: Kept, word: string) {
    const { id, email, at } = kept;
    if (word !== "sent" || kept.status === "queued") kept.status = word;
    if (["bounced", "failed", "suppressed"].includes(word)) kept.code = word;
    const data = {
      ...{ email_id: id, from: email.from, to: email.to, subject: email.subject, created_at: at.toISOString() },
      ...(word === "bounced" && {
        bounce: { type: "Permanent", subType: "General", message: "The recipient's mail server rejected the email." },
      }),
      ...(word === "suppressed" && {
        suppressed: { type: "OnAccountSuppressionList", message: "The recipient is on your suppression list." },
      }),
      ...(word === "failed" && { failed: { reason: "reached_daily_quota" } }),
    };
    return signed(url, `email.${word}`, data);
  }

  function signed(url: string, type: string, data: object) {
    const body = JSON.stringify({ type, created_at: now().toISOString(), data });
    return { url, body, headers: svixHeaders(webhookSecret, body, now()) };
  }

  function tellSuppression(type: string, one: Suppressed): void {
    const url = webhookUrl;
    if (url !== null) teller.tell([() => signed(url, type, one)]);
  }

  const opened = await open({
    faults,
    answer,
    kindOf: ({ method, path }) => (path.startsWith("/emails") ? (method === "POST" ? "sending" : "looking") : null),
    refused: {
      ...refusal(429, "rate_limit_exceeded", "Too many requests. You can only make 2 requests per second."),
      headers: { "retry-after": "1" },
    },
    broken: refusal(500, "internal_server_error", "An unexpected error occurred."),
  });

  return {
    ...{ url: opened.url, requests: opened.requests, apiKey, webhookSecret, faults },
    /** All that was sent and taken, the oldest first. */
    sent: (): Shown[] => [...mails.values()].map(shownOf),
    sentTo: (address: string): Shown[] => (byRecipient.get(address) ?? []).map(shownOf),
    /** What only mail has. */
    headersOf: (id: string) => ({ replyTo: mails.get(id)?.email.replyTo ?? null, ...mails.get(id)?.email.headers }),
    file: files.bytes,
    /** Lets mail to this address come to this end. */
    fate: (address: string, fate: MailFate) => void fates.set(address, fate),
    /** Tells once more, or first, that this has happened to a mail. */
    tellOf: (id: string, word: string) => {
      const [url, kept] = [webhookUrl, mails.get(id)];
      if (url !== null && kept) teller.tell([() => eventOf(url, kept, word)]);
    },
    /** Puts an address on the list of those that aren't sent to, because of a mail or by hand. */
    suppress: (email: string, origin: Origin, sourceId: string | null = null) => {
      const one = { id: randomUUID(), email, origin, source_id: sourceId, created_at: now().toISOString() };
      suppressions.set(email, one);
      tellSuppression("suppression.added", one);
    },
    /** Takes it from there. */
    unsuppress: (email: string) => {
      const one = suppressions.get(email);
      if (one && suppressions.delete(email)) tellSuppression("suppression.removed", one);
    },
    listenAt: (url: string | null) => {
      webhookUrl = url;
    },
    ...{ settled: teller.settled, answers: teller.answers },
    async close() {
      teller.close();
      await opened.close();
    },
  };
}
export type Resend = Awaited<ReturnType<typeof startResend>>;

const shownOf = ({ email: _, ...shown }: Kept): Shown => shown;

const resourceOf = ({ id, email, at, status }: Kept) => ({
  ...{ object: "email", id, to: email.to, from: email.from, created_at: at.toISOString(), subject: email.subject },
  ...{ html: email.html, text: email.text, bcc: [], cc: [], reply_to: email.replyTo ? [email.replyTo] : [] },
  last_event: status,
});
