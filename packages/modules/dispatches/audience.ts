import type { Dispatch } from "@dais/contracts/dispatches";
import type { languages } from "@dais/contracts/person";
import { arrayOf } from "@dais/drizzle/schema/texts";
import type { Ctx } from "@dais/kernel/context";
import type { AddressedTo } from "@dais/modules/dispatchRecipients";
import { addressesOf } from "./cost.ts";

type Audience = Dispatch["audience"];
type Language = (typeof languages)[number];
/** People to write down, and after whom to go on. */
type Some = { people: AddressedTo[]; after: string | null };
export type Found = Some & { cleared: number; leftOut: number };

/** Who reads what is so classified: the levels from there on. */
const cleared = ({ tenant: { levels } }: Ctx, classification: string): string =>
  arrayOf(levels.slice(levels.indexOf(classification)));

const named = ({ groupIds, roles, entityIds, personIds }: Audience): string =>
  JSON.stringify({ groupIds, roles, entityIds, personIds });

/** How many people of an audience are cleared, how many are not, and the first of those who are. One exchange. */
export async function whoIsIn(
  ctx: Ctx,
  {
    audience,
    classification,
    language,
    limit,
  }: { audience: Audience; classification: string; language: Language; limit: number },
): Promise<Found> {
  const [row] = await ctx.send(counted, [
    ...[ctx.tenant.id, named(audience), cleared(ctx, classification), limit, language],
  ]);
  const { cleared: n, left_out, people } = row as { cleared: number; left_out: number; people: Person[] | null };
  return { cleared: n, leftOut: left_out, ...asRecipients(people ?? []) };
}

/** The people of an audience who are cleared, after one of them, in the order of their ids. */
export async function peopleAfter(
  ctx: Ctx,
  {
    audience,
    classification,
    language,
    after,
    limit,
  }: Pick<Dispatch, "audience" | "classification"> & {
    language: Language;
    after: string | null;
    limit: number;
  },
): Promise<Some> {
  if (limit === 0) return { people: [], after };
  const rows = await ctx.send(next, [
    ...[ctx.tenant.id, named(audience), cleared(ctx, classification), limit, language, after],
  ]);
  const some = asRecipients(rows as Person[]);
  return { ...some, after: some.after ?? after };
}

/** Addresses that were said, as recipients. */
export const addresseesOf = ({ addressees }: Audience): AddressedTo[] =>
  addressees.map((one) => ({ personId: null, name: one.name, language: one.language, addresses: addressesOf(one) }));

type Person = { id: string; name: string; language: Language };

const asRecipients = (people: readonly Person[]): Some => ({
  people: people.map(({ id, name, language }) => ({ personId: id, name, language, addresses: null })),
  after: people.at(-1)?.id ?? null,
});

const shown = `p.id, coalesce(p.language, $5::text) as language,
  case coalesce(p.language, $5::text) when 'ar' then coalesce(p.name_ar, p.name_en) else p.name_en end as name`;

const counted = `
  with everybody as materialized (
    select a.person_id, a.clearance = any ($3::text[]) as cleared from audience_of($1, $2::text::jsonb) a
  )
  select count(*) filter (where cleared)::int as cleared, count(*) filter (where not cleared)::int as left_out,
    (select json_agg(one order by one.id) from (
      select ${shown} from everybody e join people p on p.tenant_id = $1 and p.id = e.person_id
      where e.cleared order by e.person_id limit $4) one) as people
  from everybody`;

const next = `
  select ${shown} from audience_of($1, $2::text::jsonb) a join people p on p.tenant_id = $1 and p.id = a.person_id
  where a.clearance = any ($3::text[]) and ($6::uuid is null or a.person_id > $6::uuid) order by a.person_id limit $4`;
