import type { briefings as contract } from "@dais/contracts/briefings";
import { uuidOf } from "@dais/contracts/kit/ids";
import { record } from "@dais/kernel/audit";
import type { Ctx, Handlers } from "@dais/kernel/context";
import { move } from "@dais/kernel/machine";
import { emit } from "@dais/kernel/outbox";
import { Problem } from "@dais/kernel/problem";
import { address } from "./beside.ts";
import { factsOf, holdAudience } from "./facts.ts";
import { find } from "./rows.ts";
import { workflow } from "./workflow.ts";

type Its = Handlers<typeof contract>;

/**
 * From now on its audience has it: everybody who is in it at this moment, and nobody who comes into it later.
 * @throws what `move` and the policies do
 */
export const distribute: Its["distribute"] = async (ctx, { id, ...said }) => {
  const [, { audience }] = await Promise.all([holdAudience(ctx, uuidOf(id)), factsOf(ctx, uuidOf(id))]);
  const given = { by: ctx.actor.id, recipients: audience.length };
  const after = await move(ctx, workflow, id, "distribute", { ...said, given });
  await address(
    ctx,
    id,
    audience.map((one) => one.id),
  );
  return after;
};

/** @throws briefing_not_found, briefing_not_recipient */
export const acknowledge: Its["acknowledge"] = async (ctx, { id }) => {
  const [briefing, read] = await Promise.all([find(ctx, id), noteRead(ctx, uuidOf(id))]);
  if (!read) throw new Problem("briefing_not_recipient");
  const { version, classification } = briefing;
  const resource = { type: "briefing", id: briefing.id, version, classification };
  record(ctx, { resource, changed: read.changed });
  if (read.changed) emit(ctx, { name: "briefing.acknowledged", resource, payload: { id, personId: ctx.actor.id } });
  return read;
};

/** Notes that the caller has read it, the first time; null where it was not distributed to them, or is no more. */
async function noteRead(ctx: Ctx, briefing: string): Promise<{ changed: boolean; readAt: string } | null> {
  if (ctx.actor.kind !== "user") return null;
  const now = ctx.now.toISOString();
  const [row] = await ctx.send(noted, [ctx.tenant.id, briefing, uuidOf(ctx.actor.id), now]);
  if (!row) return null;
  return {
    changed: row.before === null,
    readAt: row.before === null ? now : new Date(row.before as number).toISOString(),
  };
}

const noted = `
  with r as (
    select r.* from briefing_recipients r join briefings b on b.tenant_id = $1 and b.id = r.briefing_id and b.state = 'distributed'
    where r.tenant_id = $1 and r.briefing_id = $2 and r.person_id = $3 for update of r
  ), a as (
    update briefing_recipients t set read_at = $4 from r
    where t.tenant_id = $1 and t.briefing_id = r.briefing_id and t.person_id = r.person_id and r.read_at is null
  )
  select (extract(epoch from read_at) * 1000)::float8 as before from r`;
