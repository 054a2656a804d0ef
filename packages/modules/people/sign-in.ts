import { uuidOf } from "@dais/contracts/kit/ids";
import type { Person } from "@dais/contracts/person";
import { record } from "@dais/kernel/audit";
import { canonical } from "@dais/kernel/canonical";
import type { Ctx } from "@dais/kernel/context";
import { emit } from "@dais/kernel/outbox";
import { Problem } from "@dais/kernel/problem";
import { revoke } from "@dais/kernel/revoke";
import { task } from "@dais/kernel/task";
import { follow, saidOf } from "./directory.ts";
import { addressFrom, nameFrom } from "./names.ts";
import { holdByIdentity, together, write } from "./rows.ts";

/** What the issuer of an identity says of a person. Whoever it is vouched for that; what it says is data from outside all the same. */
export type SignIn = {
  /** The directory, and the person's id there: never an address, which may be somebody else's tomorrow. */
  tid: string;
  oid: string;
  name: string | null;
  email: string | null;
  preferredUsername: string | null;
  appRoles: readonly string[];
  /** Object ids; null where they could not be had: then what the directory last said counts. */
  groups: readonly string[] | null;
};
export type SignedIn = {
  /** `per_…` */
  personId: string;
  /** True: there is no sign-in, and nothing was changed. */
  disabled: boolean;
  /** Whether this was the first sign-in. */
  made: boolean;
};

/**
 * Brings a person up to what the directory says, and makes those who come for the first time. Two first sign-ins at once make one
 * person. A change of roles holds at once, in every session of the person; what the directory takes away is gone, also from the last
 * administrator: it can give it to somebody else.
 * @throws unauthenticated where the directory makes no people here, and this one isn't there
 */
export const signIn = task({
  name: "people.signIn",
  action: "person.sign_in",
  run: async (ctx, said: SignIn): Promise<SignedIn> => {
    const { tid, oid } = said;
    const [found, word] = await together(holdByIdentity(ctx, tid, oid), saidOf(ctx, said));
    if (!found && !word.makesPeople) throw new Problem("unauthenticated");
    const { person: before, made } = found ? { person: found, made: false } : await make(ctx, said);
    if (before.disabledAt) return refuse(ctx, before);

    const roles = follow(ctx, before, word);
    const fields = { ...profileOf(said, before), lastSignedInAt: ctx.now.toISOString() };
    const [, after] = await together(roles.sent, write(ctx, before, fields));
    tell(ctx, before, after, made);
    if (roles.changed) revoke(ctx, after.id);
    return { personId: after.id, disabled: false, made };
  },
});

const insert = `
  insert into people (id, tenant_id, tid, oid, name_en, email, clearance, created_at, updated_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $8) on conflict (tenant_id, tid, oid) do nothing returning id`;

/** Makes the person with the lowest clearance; where somebody else does at this moment, waits and takes theirs. */
async function make(ctx: Ctx, said: SignIn): Promise<{ person: Person; made: boolean }> {
  const [lowest] = ctx.tenant.levels;
  const { name, email } = profileOf(said, null);
  const its = [ctx.newId(), ctx.tenant.id, said.tid, said.oid, name.en, email, lowest, ctx.now.toISOString()];
  const [rows, person] = await together(ctx.send(insert, its), holdByIdentity(ctx, said.tid, said.oid));
  return { person: person as Person, made: rows.length > 0 };
}

/** The Arabic name is ours; without a name of its own, the directory's other words for the person must do. */
function profileOf(said: SignIn, before: Person | null): Pick<Person, "name" | "email"> {
  const en = nameFrom(said.name, said.preferredUsername, said.email, said.oid);
  return { name: { en, ar: before?.name.ar ?? null }, email: addressFrom(said.email) };
}

function tell(ctx: Ctx, before: Person, after: Person, made: boolean): void {
  const resource = { type: "person", id: uuidOf(after.id), version: after.version };
  const payload = { id: after.id };
  record(ctx, { resource, before: made ? null : before, after });
  const lasting = ({ name, email, roles }: Person) => canonical({ name, email, roles });
  if (made) emit(ctx, { name: "person.created", resource, payload });
  else if (lasting(before) !== lasting(after)) emit(ctx, { name: "person.updated", resource, payload });
  emit(ctx, { name: "person.signed_in", resource, payload });
}

function refuse(ctx: Ctx, person: Person): SignedIn {
  const resource = { type: "person", id: uuidOf(person.id), version: person.version };
  record(ctx, { resource, changed: false, reason: "The person is disabled." });
  return { personId: person.id, disabled: true, made: false };
}
