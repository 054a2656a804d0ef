import { events } from "@dais/contracts";
import { uuidOf } from "@dais/contracts/kit/ids";
import { arrayOf } from "@dais/drizzle/schema/texts";
import { record } from "@dais/kernel/audit";
import type { Ctx } from "@dais/kernel/context";
import { enqueue, job } from "@dais/kernel/jobs";
import { Problem } from "@dais/kernel/problem";
import { asksFor, hearersOf, idLike, keysThatOwn, testEvent } from "@dais/kernel/webhooks/messages";
import { z } from "zod";
import { known } from "./rows.ts";
import { resourceOf } from "./workflow.ts";

const most = 200_000;
const step = 2000;

/** Has a webhook told again what happened. @throws webhook_not_found, webhook_off, webhook_span_invalid, webhook_too_many */
export async function replay(ctx: Ctx, { id, from, to }: { id: string; from: string; to: string }) {
  const webhook = await known(ctx, id);
  if (webhook.state !== "active") throw new Problem("webhook_off", { state: webhook.state });
  if (new Date(from) >= new Date(to)) throw new Problem("webhook_span_invalid");
  const [row] = await ctx.send(counted, [ctx.tenant.id, from, to, most + 1]);
  const total = Number(row?.count);
  if (total > most) throw new Problem("webhook_too_many", { most });
  const jobId = enqueue(ctx, replaying, { webhookId: uuidOf(id), from, to, total });
  record(ctx, { resource: resourceOf(webhook), after: { from, to, total }, reason: "replayed" });
  return { jobId, total };
}

const Place = z.object({ at: z.string(), id: z.string(), done: z.number() }).nullable();

/**
 * Goes through what happened in its order, some in each step, and puts on its way what the webhook asks for. What it may hear of that is
 * judged when it is sent.
 */
export const replaying = job({
  name: "webhooks.replay",
  action: "webhook.replay",
  quiet: true,
  schema: z.object({ webhookId: z.string(), from: z.string(), to: z.string(), total: z.number() }),
  retry: { limit: 5, delaySeconds: 5, backoff: true },
  expireSeconds: 60,
  async run(ctx, { webhookId, from, to, total }, { position }) {
    const place = Place.parse(position ?? null);
    const [row] = await ctx.send(put, [
      ...[ctx.tenant.id, webhookId, from, to, place?.at ?? null, place?.id ?? null, step],
      ...[ctx.now.toISOString(), ctx.newId(), arrayOf(ctx.tenant.levels)],
      ...[arrayOf(heard), arrayOf(heard.map((name) => hearersOf(name) as string)), arrayOf(own)],
    ]);
    const count = Number(row?.count ?? 0);
    if (count < step) return undefined;
    const done = (place?.done ?? 0) + count;
    return { next: { at: row?.at, id: row?.id, done }, done, total };
  },
});

const heard = [...events.keys()].filter((name) => hearersOf(name) !== null);
const own = heard.filter((name) => events.get(name)?.own);

const counted = `
  select count(*)::int as count from (
    select from webhook_messages m
    where m.tenant_id = $1 and m.occurred_at >= $2::timestamptz and m.occurred_at < $3::timestamptz limit $4) one`;

const asked = asksFor({
  ...{ tenant: "$1", name: "m.name", entity: "m.entity_id", classification: "m.classification", levels: "$10::text[]" },
  ...{ hearers: "m.hearers", person: "m.person" },
});

/** Each is due since it happened: so they are sent in that order. What waits already keeps its turn. */
const put = `
  with ${keysThatOwn("$1")}, span as (
    select m.event_id, m.name, m.entity_id, m.classification, m.occurred_at,
      ($12::text[])[array_position($11::text[], m.name)] as hearers,
      case when m.name = any ($13::text[]) then coalesce(m.body::json #>> '{data,personId}', '') end as person
    from webhook_messages m
    where m.tenant_id = $1 and m.occurred_at >= $3::timestamptz and m.occurred_at < $4::timestamptz
      and ($5::timestamptz is null or (m.occurred_at, m.event_id) > ($5::timestamptz, $6::uuid))
    order by m.occurred_at, m.event_id limit $7
  ), made as (
    insert into webhook_deliveries (id, tenant_id, webhook_id, event_id, state, bulk, next_at, attempts, created_at)
    select ${idLike("$9")}, $1::uuid, w.id, m.event_id, 'waiting', true, m.occurred_at, '[]', $8::timestamptz
    from span m join webhooks w on w.tenant_id = $1 and w.id = $2 and w.state = 'active'
    where m.name <> '${testEvent}' and ${asked}
    on conflict (webhook_id, event_id) do update
      set state = 'waiting', bulk = true, tries = 0, next_at = excluded.next_at, error = null, finished_at = null
      where webhook_deliveries.state <> 'waiting'
    returning 1
  )
  select count(*)::int as count, to_json(max(s.occurred_at)) #>> '{}' as at,
    (select event_id from span order by occurred_at desc, event_id desc limit 1) as id, (select count(*) from made) as made
  from span s`;
