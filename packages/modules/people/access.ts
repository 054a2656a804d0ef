import { uuidOf } from "@dais/contracts/kit/ids";
import type { Person } from "@dais/contracts/person";
import { builtInRoles } from "@dais/contracts/roles/builtIn";
import { record } from "@dais/kernel/audit";
import type { Ctx } from "@dais/kernel/context";
import { emit } from "@dais/kernel/outbox";
import { Problem } from "@dais/kernel/problem";
import { endSessions, revoke } from "@dais/kernel/revoke";
import { endTokens } from "@dais/modules/sessions";
import { hold, together, write } from "./rows.ts";

type Receipt = { changed: boolean; person: Person };

/** Shuts a person out: no sign-in, and no session. @throws person_not_found, person_own_access, person_last_admin */
export async function disable(ctx: Ctx, { id, reason }: { id: string; reason: string }): Promise<Receipt> {
  notOwn(ctx, id);
  const { person: before, others } = await holdWithAdmins(ctx, id);
  if (before.disabledAt) return same(ctx, before, reason);
  if (isAdmin(before) && !others) throw new Problem("person_last_admin");
  const after = await write(ctx, before, { disabledAt: ctx.now.toISOString() });
  const resource = kept(ctx, before, after, reason);
  revoke(ctx, id);
  endSessions(ctx, { personId: id, except: null });
  await endTokens(ctx, id);
  emit(ctx, { name: "person.disabled", resource, payload: { id, reason } });
  return { changed: true, person: after };
}

/** @throws person_not_found, person_own_access */
export async function enable(ctx: Ctx, { id }: { id: string }): Promise<Receipt> {
  notOwn(ctx, id);
  const before = await hold(ctx, id);
  if (!before.disabledAt) return same(ctx, before);
  const after = await write(ctx, before, { disabledAt: null });
  const resource = kept(ctx, before, after);
  revoke(ctx, id);
  emit(ctx, { name: "person.enabled", resource, payload: { id } });
  return { changed: true, person: after };
}

const grant = `
  insert into person_roles (tenant_id, person_id, role, source, granted_by, granted_at) values ($1, $2, $3, 'granted', $4, $5)
  on conflict (tenant_id, person_id, role, source)
  do update set granted_by = excluded.granted_by, granted_at = excluded.granted_at, ended_at = null`;

/** Gives a person a role beside those of the directory. @throws person_not_found, person_own_access, person_role_unknown */
export async function grantRole(ctx: Ctx, { id, role }: { id: string; role: string }): Promise<Receipt> {
  notOwn(ctx, id);
  const before = await hold(ctx, id);
  if (!builtInRoles.some(({ key }) => key === role)) throw new Problem("person_role_unknown");
  if (has(before, role, "granted")) return same(ctx, before);
  const [, after] = await together(
    ctx.send(grant, [ctx.tenant.id, uuidOf(id), role, ctx.actor.id, ctx.now.toISOString()]),
    write(ctx, before),
  );
  const resource = kept(ctx, before, after);
  revoke(ctx, id);
  emit(ctx, { name: "person.role_granted", resource, payload: { id, role } });
  return { changed: true, person: after };
}

const take = `
  update person_roles set ended_at = $4
  where tenant_id = $1 and person_id = $2 and role = $3 and source = 'granted' and ended_at is null`;

/** @throws person_not_found, person_own_access, person_role_from_directory, person_last_admin */
export async function revokeRole(ctx: Ctx, { id, role }: { id: string; role: string }): Promise<Receipt> {
  notOwn(ctx, id);
  const { person: before, others } = await holdWithAdmins(ctx, id);
  const stays = has(before, role, "directory");
  if (!has(before, role, "granted")) {
    if (stays) throw new Problem("person_role_from_directory");
    return same(ctx, before);
  }
  if (role === "admin" && !before.disabledAt && !stays && !others) throw new Problem("person_last_admin");
  const [, after] = await together(
    ctx.send(take, [ctx.tenant.id, uuidOf(id), role, ctx.now.toISOString()]),
    write(ctx, before),
  );
  const resource = kept(ctx, before, after);
  revoke(ctx, id);
  emit(ctx, { name: "person.role_revoked", resource, payload: { id, role } });
  return { changed: true, person: after };
}

/** @throws person_not_found, person_own_access, person_clearance_exceeds, person_changed, person_clearance_unknown */
export async function setClearance(
  ctx: Ctx,
  { id, version, clearance }: { id: string; version: number; clearance: string },
): Promise<Person> {
  notOwn(ctx, id);
  const before = await hold(ctx, id);
  const known = ctx.tenant.levels.includes(clearance);
  if (known && !ctx.visible.includes(clearance)) throw new Problem("person_clearance_exceeds");
  if (before.version !== version) throw new Problem("person_changed", { version: before.version });
  if (!known) throw new Problem("person_clearance_unknown");
  if (before.clearance === clearance) return same(ctx, before).person;
  const after = await write(ctx, before, { clearance });
  const resource = kept(ctx, before, after);
  revoke(ctx, id);
  emit(ctx, { name: "person.clearance_set", resource, payload: { id, clearance } });
  return after;
}

/** Nobody has power over their own access, nor has what acts for them. @throws person_own_access */
function notOwn({ actor }: Ctx, id: string): void {
  if (actor.id === id || actor.onBehalfOf === id) throw new Problem("person_own_access");
}

/**
 * Holds the person, and whoever else would take away an administrator, until the end of this change: two who take each other's power
 * away can't pass each other. `others`: whether another enabled person is administrator.
 * @throws person_not_found
 */
async function holdWithAdmins(ctx: Ctx, id: string): Promise<{ person: Person; others: boolean }> {
  const [, person, [row]] = await together(
    ctx.send("select pg_advisory_xact_lock(hashtextextended('admins:' || $1::text, 0))", [ctx.tenant.id]),
    hold(ctx, id),
    ctx.send(
      `select exists (
         select 1 from person_roles r join people p on p.tenant_id = r.tenant_id and p.id = r.person_id
         where r.tenant_id = $1 and r.person_id <> $2 and r.role = 'admin' and r.ended_at is null and p.disabled_at is null
       ) as others`,
      [ctx.tenant.id, uuidOf(id)],
    ),
  );
  return { person, others: row?.others === true };
}

const has = ({ roles }: Person, role: string, source: "directory" | "granted") =>
  roles.some((one) => one.role === role && one.source === source);
const isAdmin = ({ roles }: Person) => roles.some(({ role }) => role === "admin");

/** Keeps the change on record, and answers with what it was about. */
function kept(ctx: Ctx, before: Person, after: Person, reason: string | null = null) {
  const resource = { type: "person", id: uuidOf(after.id), version: after.version };
  record(ctx, { resource, before, after, reason });
  return resource;
}

/** Everything is as it should be already. */
function same(ctx: Ctx, person: Person, reason: string | null = null): Receipt {
  const resource = { type: "person", id: uuidOf(person.id), version: person.version };
  record(ctx, { resource, before: person, after: person, changed: false, reason });
  return { changed: false, person };
}
