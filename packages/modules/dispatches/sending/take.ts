import type { Dispatch } from "@dais/contracts/dispatches";
import type { Channel, RecipientState } from "@dais/contracts/dispatches/values";
import { type KeptSettings, usualCommunicationSettings } from "@dais/contracts/organisations/settings";
import { usualLevels } from "@dais/contracts/posture";
import { arrayOf } from "@dais/drizzle/schema/texts";
import type { Ctx } from "@dais/kernel/context";
import type { Approved } from "@dais/modules/dispatchRecipients";

/** A recipient whose turn it is, held until the end of the change, with all that is asked about them. */
export type Due = {
  id: string;
  dispatchId: string;
  personId: string | null;
  name: string | null;
  addresses: Partial<Record<Channel, string>> | null;
  language: "en" | "ar";
  step: number;
  tries: number;
  nextAt: string | null;
  state: RecipientState;
  person: {
    nameEn: string;
    nameAr: string | null;
    email: string | null;
    phone: string | null;
    oid: string;
    timeZone: string | null;
    clearance: string;
    disabledAt: string | null;
  } | null;
};

export type DueDispatch = Pick<
  Dispatch,
  "content" | "policy" | "classification" | "priority" | "drill" | "attachesPaper" | "state"
> & {
  id: string;
  createdAt: string;
  subjectType: string | null;
  subjectId: string | null;
};

/** How things stand in the organisation. */
export type Standing = {
  name: { en: string; ar: string | null };
  timeZone: string;
  ceilings: Partial<Record<Channel, string>>;
  /** What WhatsApp has approved for saying that there is something to read. */
  approved: Approved;
  /** uuid of the change of posture because of which nobody has quiet hours now; null: they have. */
  overrides: string | null;
};

/** `without`: channels that nobody is to be begun with on. */
export type Wanted = { priority: string; limit: number; without: readonly Channel[] };

/** Takes up to `limit` recipients that are due, longest due first; those that somebody else holds are left to them. One exchange. */
export async function takeDue(ctx: Ctx, of: Wanted): Promise<Due[]> {
  const without = arrayOf(of.without);
  const rows = await ctx.send(due, [ctx.tenant.id, ctx.now.toISOString(), of.priority, of.limit, without]);
  return rows.map((row) => row.it as Due);
}

const recipient = `json_build_object('id', r.id, 'dispatchId', r.dispatch_id, 'personId', r.person_id, 'name', r.name, 'addresses', r.addresses,
    'language', r.language, 'step', r.step, 'tries', r.tries, 'nextAt', r.next_at, 'state', r.state,
    'person', case when p.id is not null then json_build_object('nameEn', p.name_en, 'nameAr', p.name_ar, 'email', p.email, 'phone', p.phone,
      'oid', p.oid, 'timeZone', p.time_zone, 'clearance', p.clearance, 'disabledAt', p.disabled_at) end) as it`;
const beside = "left join people p on p.tenant_id = r.tenant_id and p.id = r.person_id";

const due = `
  with r as materialized (
    select * from dispatch_recipients
    where tenant_id = $1 and priority = $3 and next_at is not null and next_at <= $2
      and (state <> 'queued' or ladder[step + 1] <> all ($5::text[]))
    order by next_at, id limit $4 for no key update skip locked
  )
  select ${recipient} from r ${beside} order by r.next_at, r.id`;

/** These recipients, held, with what is asked about them. */
export const holdRecipients = (ctx: Ctx, ids: readonly string[]) => named(ctx, held, ids);
/** The same, as they are at this moment. */
export const readRecipients = (ctx: Ctx, ids: readonly string[]) => named(ctx, read, ids);

async function named(ctx: Ctx, text: string, ids: readonly string[]): Promise<Map<string, Due>> {
  const rows = await ctx.send(text, [ctx.tenant.id, arrayOf(ids)]);
  return new Map(rows.map(({ it }) => [(it as Due).id, it as Due]));
}

const held = `
  with r as materialized (
    select * from dispatch_recipients where tenant_id = $1 and id = any ($2::uuid[]) order by id for no key update
  )
  select ${recipient} from r ${beside}`;
const read = `select ${recipient} from dispatch_recipients r ${beside} where r.tenant_id = $1 and r.id = any ($2::uuid[])`;

/** The dispatches that recipients are of, each once, as they are at this moment. */
export async function dispatchesOf(
  ctx: Ctx,
  some: Iterable<{ dispatchId: string }>,
): Promise<Map<string, DueDispatch>> {
  const ids = [...new Set([...some].map(({ dispatchId }) => dispatchId))];
  const rows = await ctx.send(theirs, [ctx.tenant.id, arrayOf(ids)]);
  return new Map(rows.map(({ it }) => [(it as DueDispatch).id, it as DueDispatch]));
}

const theirs = `
  select json_build_object('id', id, 'content', content, 'policy', policy, 'classification', classification, 'priority', priority, 'drill', drill,
    'attachesPaper', attaches_paper, 'subjectType', subject_type, 'subjectId', subject_id, 'createdAt', created_at,
    'state', state) as it
  from dispatches where tenant_id = $1 and id = any ($2::uuid[])`;

/** One exchange. */
export async function standingOf(ctx: Ctx): Promise<Standing> {
  const [row] = await ctx.send(stands, [ctx.tenant.id]);
  const { nameEn, nameAr, communications, held, levels } = (row as { it: Stands }).it;
  const ladder = levels ?? usualLevels;
  const rankOf = (key: string) => ladder.find((level) => level.key === key)?.rank;
  const from = communications?.quietEndsAt ? rankOf(communications.quietEndsAt) : undefined;
  const now = held && (rankOf(held.level) ?? held.rank);
  return {
    name: { en: nameEn, ar: nameAr },
    timeZone: ctx.tenant.timeZone,
    ceilings: communications?.ceilings ?? {},
    approved: communications?.withheldContentSids ?? usualCommunicationSettings.withheldContentSids,
    overrides: held && from !== undefined && now !== null && now >= from ? held.id : null,
  };
}
type Stands = {
  nameEn: string;
  nameAr: string | null;
  communications: KeptSettings["communications"] | null;
  held: { id: string; level: string; rank: number } | null;
  levels: { key: string; rank: number }[] | null;
};

const stands = `
  select json_build_object('nameEn', o.name_en, 'nameAr', o.name_ar, 'communications', o.settings -> 'communications',
    'held', (select json_build_object('id', id, 'level', level, 'rank', rank) from posture
      where tenant_id = $1 and entity_id is null order by since desc, id desc limit 1),
    'levels', (select json_agg(json_build_object('key', key, 'rank', rank)) from posture_levels where tenant_id = $1)) as it
  from organisations o where o.id = $1`;
