import { idOf } from "@dais/contracts/kit/ids";
import type { Log } from "../context.ts";
import { codeOf, rootOf } from "../faults.ts";
import type { WebhookMeter } from "./meter.ts";
import type { DeliveryError, Post, Posted } from "./port.ts";
import { givenUp, nextAt, type WebhookPatience } from "./retry.ts";
import type { Outcome } from "./settle.ts";
import { sealedFor, signedHeaders } from "./sign.ts";
import type { Due } from "./take.ts";

export type Attempting = {
  post: Post;
  mayHear(due: Due): Promise<boolean>;
  /** Opens what was sealed; null where it can't. */
  open(sealed: string, about: string): string | null;
  /** Gives a webhook up, for a reason that people read. */
  giveUp(webhook: { tenantId: string; webhookId: string }, reason: string): Promise<unknown>;
  patience: WebhookPatience;
  now(): Date;
  /** From 0 up to 1. */
  chance(): number;
  meter: WebhookMeter;
  log: Log;
};

/** Sends one thing, where its webhook may hear of it now, and says what became of it. Never throws. */
export async function attempt(of: Attempting, due: Due): Promise<Outcome> {
  try {
    if (due.webhook.state !== "active") return unsent(of, due, "off", "webhook_off");
    if (!(await of.mayHear(due))) return unsent(of, due, "silenced", "not_allowed");
    return await judged(of, due, await sent(of, due));
  } catch (error) {
    // What we stand on is away: nobody knows what it would have come to, and it is tried again.
    of.log.warn({ ...fieldsOf(due), code: codeOf(error), err: rootOf(error) }, "a webhook could not be served");
    return { due, kind: "dropped", error: null, nextAt: null };
  }
}

type Sent = { at: Date; durationMs: number; status: number | null; error: DeliveryError | null; asked: number | null };

async function sent(of: Attempting, { event, body, webhook, webhookId }: Due): Promise<Sent> {
  const at = of.now();
  const [current, before] = [webhook.secret, webhook.previousSecret].map((text) =>
    text === null ? null : of.open(text, sealedFor(webhookId)),
  );
  if (!current) return { at, durationMs: 0, status: null, error: "secret_unreadable", asked: null };
  const inGrace = webhook.graceEndsAt !== null && at < webhook.graceEndsAt;
  const secrets = [current, ...(inGrace && before ? [before] : [])];
  const headers = signedHeaders({ id: idOf("evt", event.id), at, body, secrets });
  const started = performance.now();
  const posted = await of.post({ url: webhook.url, headers, body: Buffer.from(body) });
  const durationMs = Math.round(performance.now() - started);
  const asked = posted.kind === "answered" ? posted.retryAfterSeconds : null;
  return { at, durationMs, status: posted.kind === "answered" ? posted.status : null, error: errorOf(posted), asked };
}

function errorOf(posted: Posted): DeliveryError | null {
  if (posted.kind === "unanswered") return posted.code;
  const { status } = posted;
  if (status >= 200 && status < 300) return null;
  if (status === 410) return "gone";
  return status >= 300 && status < 400 ? "redirected" : "unexpected_answer";
}

async function judged(of: Attempting, due: Due, { at, durationMs, status, error, asked }: Sent): Promise<Outcome> {
  const made = { due, error, attempt: { at: at.toISOString(), status, error, durationMs } };
  if (error === null) {
    if (due.tries === 0 && !due.bulk) of.meter.delivered((of.now().getTime() - due.createdAt.getTime()) / 1000);
    return { ...made, kind: "delivered", nextAt: null };
  }
  const failures = due.tries + 1;
  of.meter.failed(error);
  of.log.info({ ...fieldsOf(due), code: error, status, attempt: failures }, "a webhook did not take an event");
  const why = endOf(of, due, error);
  if (why) {
    await of.giveUp(due, why);
    of.meter.gaveUp(error);
    of.log.warn({ ...fieldsOf(due), code: error }, "a webhook was given up");
    return { ...made, kind: "failed", nextAt: null };
  }
  const next = nextAt(of.patience, { failures, now: of.now(), asked, chance: of.chance });
  return { ...made, kind: next ? "later" : "failed", nextAt: next };
}

/** Why a webhook that failed just now is given up, as people read it; null: it isn't. */
function endOf({ patience, now }: Attempting, { webhook }: Due, error: DeliveryError): string | null {
  if (error === "gone") return "It answered 410: it is gone.";
  if (!webhook.failingSince || !givenUp(patience, webhook.failingSince, now())) return null;
  return `It has only failed for ${patience.failDays} days.`;
}

function unsent(of: Attempting, due: Due, kind: "off" | "silenced", error: DeliveryError): Outcome {
  of.meter.failed(error);
  return { due, kind, error, nextAt: null };
}

const fieldsOf = ({ tenantId, webhookId, event }: Due) => ({
  tenantId,
  webhook: idOf("whk", webhookId),
  eventId: idOf("evt", event.id),
  event: event.name,
});
