import { arrayOf } from "@dais/drizzle/schema/texts";
import type { Lane } from "../lane.ts";
import type { DeliveryError } from "./port.ts";
import { type Due, release } from "./take.ts";

/** What was made of one delivery. */
export type Outcome = {
  due: Due;
  /** `later`: it waits for its next attempt. `off`: the webhook is switched off, so nothing of its is sent. `dropped`: nobody knows. */
  kind: "delivered" | "later" | "failed" | "silenced" | "off" | "dropped";
  error: DeliveryError | null;
  nextAt: Date | null;
  /** Absent where none was made. */
  attempt?: { at: string; status: number | null; error: DeliveryError | null; durationMs: number };
};

/** A webhook that is well says so once a minute. */
const noteMs = 60_000;
/** What is silenced at once. */
const mostSilenced = 5000;

/** Writes down what has become of deliveries and how their webhooks fare, and then gives the webhooks back. One exchange. */
export async function settle(lane: Lane, done: readonly Outcome[], now: Date): Promise<void> {
  const at = now.toISOString();
  const [sent, health, off] = [done.flatMap(deliveryRow), done.flatMap(healthRow(now)), done.filter(isOff)];
  const several = [sent, health, off].filter(({ length }) => length > 0).length > 1;
  await Promise.all([
    ...(several ? [lane.send("begin read write")] : []),
    ...(sent.length > 0 ? [lane.send(written, [JSON.stringify(sent), at])] : []),
    ...(health.length > 0 ? [lane.send(fares, [JSON.stringify(health), at])] : []),
    ...(off.length > 0 ? [lane.send(silence, [arrayOf(off.map(webhookOf)), at, mostSilenced])] : []),
    ...(several ? [lane.send("commit")] : []),
  ]);
  await release(lane, done.map(webhookOf));
}

const webhookOf = ({ due }: Outcome) => due.webhookId;
const isOff = ({ kind }: Outcome) => kind === "off";

const states = { delivered: "delivered", later: "waiting", failed: "failed", silenced: "silenced" } as const;

const deliveryRow = ({ due, kind, error, nextAt, attempt }: Outcome): object[] =>
  kind === "off" || kind === "dropped"
    ? []
    : [
        {
          id: due.id,
          state: states[kind],
          tries: due.tries + (attempt ? 1 : 0),
          next_at: nextAt?.toISOString() ?? null,
          error,
          attempt: attempt ?? null,
        },
      ];

const healthRow =
  (now: Date) =>
  ({ due: { webhookId, webhook }, attempt }: Outcome): object[] => {
    if (!attempt) return [];
    const good = attempt.error === null;
    const noted = webhook.lastDeliveredAt !== null && now.getTime() - webhook.lastDeliveredAt.getTime() < noteMs;
    return good && webhook.failures === 0 && noted ? [] : [{ id: webhookId, good }];
  };

const written = `
  update webhook_deliveries d set state = r.state, tries = r.tries, next_at = r.next_at, error = r.error,
    finished_at = case when r.state <> 'waiting' then $2::timestamptz end,
    attempts = case when r.attempt is null then d.attempts
      else case when jsonb_array_length(d.attempts) >= 20 then d.attempts - 0 else d.attempts end || jsonb_build_array(r.attempt) end
  from json_to_recordset($1::json) as r (id uuid, state text, tries int, next_at timestamptz, error text, attempt jsonb)
  where d.id = r.id and d.state = 'waiting'`;

const fares = `
  update webhooks w set failures = case when r.good then 0 else least(w.failures, 2147483646) + 1 end,
    failing_since = case when not r.good then coalesce(w.failing_since, $2::timestamptz) end,
    last_delivered_at = case when r.good then $2::timestamptz else w.last_delivered_at end
  from json_to_recordset($1::json) as r (id uuid, good boolean) where w.id = r.id`;

const silence = `
  update webhook_deliveries d set state = 'silenced', error = 'webhook_off', next_at = null, finished_at = $2
  where d.id in (
    select d.id from webhook_deliveries d join webhooks w on w.id = d.webhook_id
    where d.webhook_id = any ($1::uuid[]) and d.state = 'waiting' and w.state <> 'active' limit $3)`;
