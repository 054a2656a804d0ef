import { uuidOf } from "@dais/contracts/kit/ids";
import type { Person } from "@dais/contracts/person";
import type { mappingKinds } from "@dais/contracts/roles";
import { builtInRoles } from "@dais/contracts/roles/builtIn";
import type { Ctx } from "@dais/kernel/context";
import { together } from "./rows.ts";

type Kind = (typeof mappingKinds)[number];
/** Which roles a directory's word means here, and by what. `groups: null`: nothing is known of the groups. */
export type Word = {
  makesPeople: boolean;
  /** role -> what of the directory gives it now */
  given: ReadonlyMap<string, ReadonlySet<Kind>>;
  /** Roles that a group may give. */
  byGroup: ReadonlySet<string>;
  groupsKnown: boolean;
};

const rules = `
  select kind, role, bool_or(value in (select json_array_elements_text(case kind when 'group' then $3::json else $2::json end))) as given
  from directory_rules where tenant_id = $1 and ended_at is null group by kind, role`;

/** What the directory says of a person, by the tenant's rules. */
export async function saidOf(
  ctx: Ctx,
  said: { tid: string; appRoles: readonly string[]; groups: readonly string[] | null },
): Promise<Word> {
  const [rows, [directory]] = await together(
    ctx.send(rules, [ctx.tenant.id, listOf(said.appRoles), listOf(said.groups ?? [])]),
    ctx.send("select makes_people from directories where tenant_id = $1 and tid = $2", [ctx.tenant.id, said.tid]),
  );
  const given = new Map<string, Set<Kind>>();
  const known = rows.filter(({ role }) => builtInRoles.some(({ key }) => key === role));
  for (const { role, kind } of known.filter((rule) => rule.given)) {
    given.set(role as string, (given.get(role as string) ?? new Set()).add(kind as Kind));
  }
  return {
    makesPeople: directory?.makes_people === true,
    given,
    byGroup: new Set(known.filter(({ kind }) => kind === "group").map(({ role }) => role as string)),
    groupsKnown: said.groups !== null,
  };
}

const end = `
  update person_roles set ended_at = $4
  where tenant_id = $1 and person_id = $2 and source = 'directory' and ended_at is null
    and role not in (select json_array_elements_text($3::json))`;
const give = `
  insert into person_roles (tenant_id, person_id, role, source, granted_by, granted_at)
  select $1, $2, r.role, 'directory', r.by, $4 from json_to_recordset($3::json) as r(role text, by text)
  on conflict (tenant_id, person_id, role, source) do update set granted_by = excluded.granted_by, ended_at = null,
    granted_at = case when person_roles.ended_at is null then person_roles.granted_at else excluded.granted_at end`;

/**
 * Puts what the directory says in the place of what it said; roles that were granted here stay. Where the groups are not known, what
 * a group gave stays, for as long as a rule still gives it.
 */
export function follow(ctx: Ctx, { id, roles }: Person, word: Word): { changed: boolean; sent: Promise<unknown> } {
  const had = roles.filter(({ source }) => source === "directory");
  const kept = had.filter((one) => !word.groupsKnown && one.grantedBy.includes("group") && word.byGroup.has(one.role));
  const wanted = [...new Set([...word.given.keys(), ...kept.map(({ role }) => role)])].sort().map((role) => {
    const by = new Set<Kind>([
      ...(word.given.get(role) ?? []),
      ...(kept.some((one) => one.role === role) ? groups : []),
    ]);
    return { role, by: [...by].sort().join(", ") };
  });
  const tidy = (some: readonly { role: string }[]) => JSON.stringify(some.map(({ role }) => role).sort());
  const its = [ctx.tenant.id, uuidOf(id)];
  const at = ctx.now.toISOString();
  const sent = together(
    ctx.send(end, [...its, JSON.stringify(wanted.map(({ role }) => role)), at]),
    ctx.send(give, [...its, JSON.stringify(wanted), at]),
  );
  return { changed: tidy(had) !== tidy(wanted), sent };
}

/** What Postgres can't hold as text is no value of a rule. */
const listOf = (values: readonly string[]) =>
  JSON.stringify(values.filter((value) => value.isWellFormed() && !value.includes("\0")));
const groups = ["group"] as const;
