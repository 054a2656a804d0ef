import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import type { Person } from "@dais/contracts/person";
import { arrayOf } from "@dais/drizzle/schema/texts";
import { record } from "@dais/kernel/audit";
import { canonical } from "@dais/kernel/canonical";
import type { Ctx } from "@dais/kernel/context";
import { emit } from "@dais/kernel/outbox";
import { Problem } from "@dais/kernel/problem";
import { hold, together, write } from "./rows.ts";

type Deputy = Person["deputies"][number];

/**
 * Puts a list of deputies in the place of the one before.
 * @throws person_not_found, person_changed, person_deputy_self, person_deputy_overlap, person_deputy_unknown
 */
export async function setDeputies(
  ctx: Ctx,
  { id, version, deputies }: { id: string; version: number; deputies: Deputy[] },
): Promise<Person> {
  const named = [...new Set(deputies.map(({ personId }) => personId))];
  const [before, enabled] = await together(hold(ctx, id), enabledOf(ctx, named));
  if (before.version !== version) throw new Problem("person_changed", { version: before.version });
  if (named.includes(id)) throw new Problem("person_deputy_self");
  const wanted = deputies.toSorted(inOrder);
  if (wanted.some((one, n) => wanted.slice(n + 1).some((other) => overlap(one, other))))
    throw new Problem("person_deputy_overlap");
  const unknown = named.filter((one) => !enabled.has(one));
  if (unknown.length > 0) throw new Problem("person_deputy_unknown", { personIds: unknown });

  const changed = canonical(wanted) !== canonical(before.deputies);
  const after = changed ? await replace(ctx, before, wanted) : before;
  const resource = { type: "person", id: uuidOf(id), version: after.version };
  record(ctx, { resource, before, after, changed });
  if (changed) emit(ctx, { name: "person.deputies_set", resource, payload: { id } });
  return after;
}

/** Who stands in for each of these people on a day, as far as they are not shut out: person -> deputies, by public ids. */
export async function deputiesOf(ctx: Ctx, ids: readonly string[], day: string): Promise<Map<string, string[]>> {
  const rows = await ctx.send(
    `select d.person_id, d.deputy_id from deputies d join people p on p.tenant_id = d.tenant_id and p.id = d.deputy_id
     where d.tenant_id = $1 and d.person_id = any ($2::uuid[]) and d.ended_at is null
       and $3::date between d.from_day and d.to_day and p.disabled_at is null
     order by d.from_day, d.deputy_id`,
    [ctx.tenant.id, arrayOf(ids.map(uuidOf)), day],
  );
  const found = new Map<string, string[]>(ids.map((id) => [id, []]));
  for (const row of rows) found.get(idOf("per", row.person_id as string))?.push(idOf("per", row.deputy_id as string));
  return found;
}

async function enabledOf(ctx: Ctx, ids: readonly string[]): Promise<Set<string>> {
  const rows = await ctx.send(
    "select id from people where tenant_id = $1 and id = any ($2::uuid[]) and disabled_at is null",
    [ctx.tenant.id, arrayOf(ids.map(uuidOf))],
  );
  return new Set(rows.map((row) => idOf("per", row.id as string)));
}

async function replace(ctx: Ctx, before: Person, wanted: readonly Deputy[]): Promise<Person> {
  const person = uuidOf(before.id);
  const rows = wanted.map(({ personId, fromDay, toDay }) => ({ deputy: uuidOf(personId), from: fromDay, to: toDay }));
  const [, , after] = await together(
    ctx.send("update deputies set ended_at = $3 where tenant_id = $1 and person_id = $2 and ended_at is null", [
      ctx.tenant.id,
      person,
      ctx.now.toISOString(),
    ]),
    ctx.send(
      `insert into deputies (tenant_id, person_id, deputy_id, from_day, to_day)
       select $1, $2, r.deputy, r."from", r."to" from json_to_recordset($3::json) as r(deputy uuid, "from" date, "to" date)
       on conflict (tenant_id, person_id, deputy_id, from_day) do update set to_day = excluded.to_day, ended_at = null`,
      [ctx.tenant.id, person, JSON.stringify(rows)],
    ),
    write(ctx, before),
  );
  return after;
}

const overlap = (one: Deputy, other: Deputy) =>
  one.personId === other.personId && one.fromDay <= other.toDay && other.fromDay <= one.toDay;

/** As they are shown. */
const inOrder = (one: Deputy, other: Deputy) =>
  `${one.fromDay} ${one.toDay} ${one.personId}` < `${other.fromDay} ${other.toDay} ${other.personId}` ? -1 : 1;
