import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import type { Person } from "@dais/contracts/person";
import { people } from "@dais/drizzle/schema/people";
import { arrayOf } from "@dais/drizzle/schema/texts";
import type { Ctx } from "@dais/kernel/context";
import { meaning } from "@dais/kernel/faults";
import type { Rows } from "@dais/kernel/lane";
import { Problem } from "@dais/kernel/problem";

/*
 * By text, and not by Drizzle: statements sent in one turn arrive in their order, so that a row is locked, changed or read again behind
 * another statement without waiting for its answer. A lock comes in a statement before the read: a read that waits for its own lock
 * would show what belongs to the person as it was before the wait.
 */

const shown = `
  select p.*,
    (select coalesce(json_agg(json_build_object('role', r.role, 'source', r.source, 'by', r.granted_by, 'at', r.granted_at)
        order by r.role, r.source), '[]')
      from person_roles r where r.tenant_id = p.tenant_id and r.person_id = p.id and r.ended_at is null) as roles,
    (select coalesce(json_agg(json_build_object('id', d.deputy_id, 'from', d.from_day, 'to', d.to_day)
        order by d.from_day, d.to_day, d.deputy_id), '[]')
      from deputies d where d.tenant_id = p.tenant_id and d.person_id = p.id and d.ended_at is null) as deputies
  from people p`;
const byIds = `${shown} where p.tenant_id = $1 and p.id = any ($2::uuid[])`;
const byIdentity = `${shown} where p.tenant_id = $1 and p.tid = $2 and p.oid = $3`;
const lock = "select id from people where tenant_id = $1 and id = $2 for no key update";
const lockByIdentity = "select id from people where tenant_id = $1 and tid = $2 and oid = $3 for no key update";

const one = ([row]: Rows): Person | undefined => row && show(row);

export const find = async (ctx: Ctx, id: string): Promise<Person | undefined> => (await those(ctx, [id]))[0];

/** Those of them that exist, in no order. */
export const those = async (ctx: Ctx, ids: readonly string[]): Promise<Person[]> =>
  (await ctx.send(byIds, [ctx.tenant.id, arrayOf(ids.map(uuidOf))])).map(show);

/** Holds the person against others who change it, and reads it. @throws person_not_found */
export async function hold(ctx: Ctx, id: string): Promise<Person> {
  const [, person] = await together(ctx.send(lock, [ctx.tenant.id, uuidOf(id)]), find(ctx, id));
  if (!person) throw new Problem("person_not_found");
  return person;
}

/** The same by what the directory calls the person. */
export async function holdByIdentity(ctx: Ctx, tid: string, oid: string): Promise<Person | undefined> {
  const identity = [ctx.tenant.id, tid, oid];
  const [, rows] = await together(ctx.send(lockByIdentity, identity), ctx.send(byIdentity, identity));
  return one(rows);
}

type Filters = { entityId?: string; role?: string; disabled?: boolean; q?: string };

/** Up to `limit` people in the order of their names, after a position. */
export async function some(ctx: Ctx, of: Filters, after: [string, string] | null, limit: number): Promise<Person[]> {
  const params: unknown[] = [ctx.tenant.id];
  const at = (value: unknown) => `$${params.push(value)}`;
  const where = ["p.tenant_id = $1"];
  if (of.entityId) where.push(`p.entity_id = ${at(uuidOf(of.entityId))}`);
  if (of.disabled !== undefined) where.push(`p.disabled_at is ${of.disabled ? "not null" : "null"}`);
  if (of.q) {
    const start = at(of.q);
    where.push(`(starts_with(lower(p.name_en), lower(${start})) or starts_with(lower(p.name_ar), lower(${start})))`);
  }
  if (of.role)
    where.push(`exists (select 1 from person_roles r
      where r.tenant_id = p.tenant_id and r.person_id = p.id and r.role = ${at(of.role)} and r.ended_at is null)`);
  if (after) where.push(`(p.name_en, p.id) > (${at(after[0])}, ${at(after[1])}::uuid)`);
  const text = `${shown} where ${where.join(" and ")} order by p.name_en, p.id limit ${at(limit)}`;
  return (await ctx.send(text, params)).map(show);
}

const update = `
  update people set name_en = $3, name_ar = $4, email = $5, phone = $6, time_zone = $7, language = $8, entity_id = $9,
    manager_id = $10, clearance = $11, disabled_at = $12, signed_in_at = $13, version = version + 1, updated_at = $14
  where tenant_id = $1 and id = $2`;

/**
 * Writes a person that is held, one version on, and answers with it as it is then: with whatever was sent before this.
 * @throws person_entity_unknown, person_manager_unknown
 */
export async function write(ctx: Ctx, before: Person, fields: Partial<Person> = {}): Promise<Person> {
  const next = { ...before, ...fields };
  const written = meaning(
    {
      people_entity: () => new Problem("person_entity_unknown"),
      people_manager: () => new Problem("person_manager_unknown"),
    },
    ctx.send(update, [
      ctx.tenant.id,
      uuidOf(before.id),
      next.name.en,
      next.name.ar,
      next.email,
      next.phone,
      next.timeZone,
      next.language,
      next.entityId && uuidOf(next.entityId),
      next.managerId && uuidOf(next.managerId),
      next.clearance,
      next.disabledAt,
      next.lastSignedInAt,
      ctx.now.toISOString(),
    ]),
  );
  const [, after] = await together(written, find(ctx, before.id));
  return after as Person;
}

/** Waits for statements that were sent together. Where one fails, so do those behind it: the first one's reason is the one that counts. */
export async function together<T extends readonly unknown[]>(...sent: { [K in keyof T]: Promise<T[K]> }): Promise<T> {
  const all = await Promise.allSettled(sent);
  for (const one of all) if (one.status === "rejected") throw one.reason;
  return all.map((one) => (one as PromiseFulfilledResult<unknown>).value) as unknown as T;
}

type Kept = Record<"id" | "name_en" | "clearance", string> &
  Record<"name_ar" | "email" | "phone" | "time_zone" | "entity_id" | "manager_id", string | null> & {
    language: Person["language"];
    roles: { role: string; source: "directory" | "granted"; by: string; at: string }[];
    deputies: { id: string; from: string; to: string }[];
    version: number;
  };

function show(row: Rows[number]): Person {
  const kept = row as unknown as Kept;
  return {
    id: idOf("per", kept.id),
    name: { en: kept.name_en, ar: kept.name_ar },
    email: kept.email,
    phone: kept.phone,
    timeZone: kept.time_zone,
    language: kept.language,
    entityId: kept.entity_id && idOf("ent", kept.entity_id),
    managerId: kept.manager_id && idOf("per", kept.manager_id),
    roles: kept.roles.map(({ role, source, by, at }) => ({
      role,
      source,
      grantedBy: by,
      grantedAt: new Date(at).toISOString(),
    })),
    clearance: kept.clearance,
    deputies: kept.deputies.map(({ id, from, to }) => ({ personId: idOf("per", id), fromDay: from, toDay: to })),
    disabledAt: instant(row.disabled_at),
    lastSignedInAt: instant(row.signed_in_at),
    version: kept.version,
    createdAt: instant(row.created_at) as string,
    updatedAt: instant(row.updated_at) as string,
  };
}

/** As every table keeps its moments. */
const instant = (text: unknown): string | null =>
  text === null ? null : (people.createdAt.mapFromDriverValue(text) as Date).toISOString();
