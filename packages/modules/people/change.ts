import type { ProblemCode } from "@dais/contracts";
import { uuidOf } from "@dais/contracts/kit/ids";
import type { Person } from "@dais/contracts/person";
import { record } from "@dais/kernel/audit";
import { canonical } from "@dais/kernel/canonical";
import type { Ctx } from "@dais/kernel/context";
import { emit } from "@dais/kernel/outbox";
import { Problem } from "@dais/kernel/problem";
import { isValidPhoneNumber } from "libphonenumber-js/max";
import { hold, together, write } from "./rows.ts";

export type Wanted = Partial<Pick<Person, "phone" | "timeZone" | "language" | "entityId" | "managerId">> & {
  nameAr?: string | null;
};
/** As whoever asks calls what can be wrong: somebody else's person, or their own. */
type Codes = { changed: ProblemCode; phone: ProblemCode };

/**
 * Changes what the directory doesn't say of a person. What is absent stays, null clears.
 * @throws person_not_found, `codes`, person_entity_unknown, person_manager_unknown, person_manager_cycle
 */
export async function changePerson(
  ctx: Ctx,
  id: string,
  version: number,
  { nameAr, ...given }: Wanted,
  codes: Codes = { changed: "person_changed", phone: "person_phone_invalid" },
): Promise<Person> {
  const before = await hold(ctx, id);
  if (before.version !== version) throw new Problem(codes.changed, { version: before.version });
  if (given.phone && !isValidPhoneNumber(given.phone)) throw new Problem(codes.phone);
  if (given.managerId && given.managerId !== before.managerId) await above(ctx, id, given.managerId);
  const name = nameAr === undefined ? before.name : { ...before.name, ar: nameAr };
  const fields = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const changed = canonical({ ...before, ...fields, name }) !== canonical(before);
  const after = changed ? await write(ctx, before, { ...fields, name }) : before;
  const resource = { type: "person", id: uuidOf(id), version: after.version };
  record(ctx, { resource, before, after, changed });
  if (changed) emit(ctx, { name: "person.updated", resource, payload: { id } });
  return after;
}

/**
 * Holds changes of managers to one at a time, then climbs from the new one: meeting the person means a cycle. Two changes that would
 * only together make one can't pass each other.
 * @throws person_manager_cycle
 */
async function above(ctx: Ctx, id: string, managerId: string): Promise<void> {
  const [, [found]] = await together(
    ctx.send("select pg_advisory_xact_lock(hashtextextended('managers:' || $1::text, 0))", [ctx.tenant.id]),
    ctx.send(
      `with recursive up as (
         select id, manager_id from people where tenant_id = $1 and id = $2
         union select p.id, p.manager_id from people p join up on p.id = up.manager_id where p.tenant_id = $1
       ) select 1 from up where id = $3`,
      [ctx.tenant.id, uuidOf(managerId), uuidOf(id)],
    ),
  );
  if (found) throw new Problem("person_manager_cycle");
}
