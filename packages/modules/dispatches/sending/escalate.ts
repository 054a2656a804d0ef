import type { Dispatch } from "@dais/contracts/dispatches";
import type { Settings } from "@dais/contracts/organisations/settings";
import { arrayOf } from "@dais/drizzle/schema/texts";
import { record } from "@dais/kernel/audit";
import type { Ctx } from "@dais/kernel/context";
import { task } from "@dais/kernel/task";
import { address } from "@dais/modules/dispatchRecipients";
import { settingsOf } from "@dais/modules/organisations";
import { hasReserved } from "../day.ts";

const batch = 100;

/**
 * Tells the deputies of that day of those who have not acknowledged in time, each once: they go down the same ladder from its beginning.
 * @returns how many had their time run out
 */
export const escalate = task({
  name: "dispatches.escalate",
  action: "dispatch.send",
  quiet: true,
  async run(ctx: Ctx): Promise<number> {
    const rows = await ctx.send(late, [ctx.tenant.id, ctx.now.toISOString(), ctx.tenant.timeZone, batch]);
    // In the order of the days whose cap is taken from, so that two who do this never wait for each other.
    const open = rows
      .map(({ it }) => it as Late)
      .filter(({ acknowledged }) => !acknowledged)
      .sort((a, b) => a.dispatch.day.localeCompare(b.dispatch.day));
    const running = await hold(ctx, open);
    const due = open.filter(({ dispatch }) => running.has(dispatch.id));
    const settings = due.length > 0 && (await settingsOf(ctx));
    if (settings) for (const one of due) await passOn(ctx, one, settings);
    return rows.length;
  },
});

type Late = {
  id: string;
  classification: string;
  acknowledged: boolean;
  dispatch: Pick<Dispatch, "policy" | "priority" | "classification" | "drill" | "day"> & { id: string };
  deputy: { id: string; nameEn: string; nameAr: string | null; language: "en" | "ar" | null; clearance: string } | null;
};

/** Those of their dispatches that go on, held until the end of this change: nobody else is added to them meanwhile. */
async function hold(ctx: Ctx, some: readonly Late[]): Promise<Set<string>> {
  if (some.length === 0) return new Set();
  const ids = [...new Set(some.map(({ dispatch }) => dispatch.id))];
  const rows = await ctx.send(held, [ctx.tenant.id, arrayOf(ids)]);
  return new Set(rows.flatMap(({ id, state }) => (state === "running" ? [id as string] : [])));
}

const held = `
  select id, state from dispatches where tenant_id = $1 and id = any ($2::uuid[]) order by id for no key update`;

async function passOn(ctx: Ctx, late: Late, { languages, communications }: Settings): Promise<void> {
  const { id, classification, dispatch, deputy } = late;
  const { levels } = ctx.tenant;
  const cleared = deputy && levels.indexOf(deputy.clearance) >= levels.indexOf(dispatch.classification) ? deputy : null;
  const language = cleared?.language ?? languages[0] ?? "en";
  const name = cleared && (language === "ar" ? (cleared.nameAr ?? cleared.nameEn) : cleared.nameEn);
  const room = cleared && (await reservedFor(ctx, dispatch, cleared.id, communications.dailyMessages));
  if (cleared && room === "taken") {
    await address(ctx, dispatch, [{ personId: cleared.id, name, language, addresses: null, forId: id }]);
    return;
  }
  const reason = !deputy
    ? "Nobody stands in for them."
    : room === "full"
      ? "The day's cap has no room for whoever stands in for them."
      : "Whoever stands in for them can't be told, or is told already.";
  record(ctx, { resource: { type: "dispatch_recipient", id, classification }, changed: false, reason });
}

/** Takes what one more recipient may come to from the cap of the dispatch's day, as for those before; not for who is a recipient already. */
async function reservedFor(
  ctx: Ctx,
  { id, policy, day, drill }: Late["dispatch"],
  personId: string,
  dailyMessages: number,
): Promise<"taken" | "full" | "told"> {
  const [there] = await ctx.send(told, [ctx.tenant.id, id, personId]);
  if (there) return "told";
  const needed = drill ? 0 : policy.steps.filter(({ channel }) => channel !== "in_app").length;
  if (!(await hasReserved(ctx, day, needed, dailyMessages))) return "full";
  await ctx.send("update dispatches set reserved = reserved + $3::int where tenant_id = $1 and id = $2", [
    ctx.tenant.id,
    id,
    needed,
  ]);
  return "taken";
}

const told = "select from dispatch_recipients where tenant_id = $1 and dispatch_id = $2 and person_id = $3";

const late = `
  with it as materialized (
    select r.id from dispatch_recipients r where r.tenant_id = $1 and r.escalate_at is not null and r.escalate_at <= $2
    order by r.escalate_at, r.id limit $4 for no key update skip locked
  ), r as (
    update dispatch_recipients r set escalate_at = null from it where r.tenant_id = $1 and r.id = it.id returning r.*
  )
  select json_build_object('id', r.id, 'classification', r.classification, 'acknowledged', r.state = 'acknowledged',
    'dispatch', json_build_object('id', d.id, 'policy', d.policy, 'priority', d.priority, 'classification', d.classification,
      'drill', d.drill, 'day', d.day),
    'deputy', (select json_build_object('id', p.id, 'nameEn', p.name_en, 'nameAr', p.name_ar, 'language', p.language, 'clearance', p.clearance)
      from deputies s join people p on p.tenant_id = s.tenant_id and p.id = s.deputy_id
      where s.tenant_id = $1 and s.person_id = r.person_id and s.ended_at is null and p.disabled_at is null
        and ($2::timestamptz at time zone $3)::date between s.from_day and s.to_day order by s.from_day desc, p.id limit 1)) as it
  from r join dispatches d on d.tenant_id = r.tenant_id and d.id = r.dispatch_id`;
