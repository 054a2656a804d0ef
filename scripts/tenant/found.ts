import { idOf } from "@dais/contracts/kit/ids";
import { builtInRoles } from "@dais/contracts/roles/builtIn";
import { organisations } from "@dais/drizzle/schema/organisations";
import { directories, directoryRules, people, personRoles } from "@dais/drizzle/schema/people";
import { record } from "@dais/kernel/audit";
import { task } from "@dais/kernel/task";
import { and, eq } from "drizzle-orm";
import type { Operator } from "../operator.ts";

export type Wanted = {
  slug: string;
  name: { en: string; ar: string | null };
  timeZone: string;
  /** Of classification, lowest first. */
  levels: string[];
  directory: string;
  administrator: string;
  administratorName: string;
};

/** What of it was made now, and who the administrator is. */
export type Made = { organisation: boolean; administrator: boolean; personId: string };

/** Makes what is missing: first the organisation, then in it, on record, the directory's rules and the administrator. */
export async function found({ lanes, kernel, in: within }: Operator, wanted: Wanted): Promise<Made> {
  const id = crypto.randomUUID();
  const { tenantId, made } = await lanes.hold("", async (lane) => {
    const [known] = await lane.send("select tenant_of($1) as id", [wanted.slug]);
    if (known?.id) return { tenantId: known.id as string, made: false };
    const now = new Date();
    const settings = {
      classifications: wanted.levels.map((key) => ({ key, name: { en: capital(key), ar: null } })),
      languages: ["en" as const, "ar" as const],
    };
    await lane.send(
      "select set_config('dais.tenant', $1, false), set_config('default_transaction_read_only', 'off', false)",
      [id],
    );
    await lane.db.insert(organisations).values({
      ...{ id, slug: wanted.slug, nameEn: wanted.name.en, nameAr: wanted.name.ar, timeZone: wanted.timeZone, settings },
      ...{ createdAt: now, updatedAt: now },
    });
    return { tenantId: id, made: true };
  });
  const person = await kernel.perform(appoint, within(tenantId), { ...wanted, made });
  return { organisation: made, administrator: person?.made ?? false, personId: person?.id ?? "" };
}

const capital = (key: string) => key.charAt(0).toUpperCase() + key.slice(1);

/** Opens the organisation to its directory, and makes the administrator there. */
const appoint = task({
  name: "organisations.found",
  action: "organisation.found",
  run: async (ctx, { directory: tid, administrator: oid, administratorName, made }: Wanted & { made: boolean }) => {
    const tenantId = ctx.tenant.id;
    const rules = builtInRoles.map(({ key }) => ({ tenantId, kind: "app_role" as const, value: key, role: key }));
    await ctx.db.insert(directories).values({ tid, tenantId, makesPeople: true }).onConflictDoNothing();
    await ctx.db.insert(directoryRules).values(rules).onConflictDoNothing();
    const person = {
      ...{
        id: ctx.newId(),
        tenantId,
        tid,
        oid,
        nameEn: administratorName,
        clearance: ctx.tenant.levels.at(-1) as string,
      },
      ...{ createdAt: ctx.now, updatedAt: ctx.now },
    };
    const [inserted] = await ctx.db.insert(people).values(person).onConflictDoNothing().returning({ id: people.id });
    const id = inserted?.id ?? (await known(tid, oid));
    const grant = { tenantId, personId: id, role: "admin", source: "granted" as const };
    const granted = await ctx.db
      .insert(personRoles)
      .values({ ...grant, grantedBy: ctx.actor.id, grantedAt: ctx.now })
      .onConflictDoNothing()
      .returning({ role: personRoles.role });
    const changed = made || inserted !== undefined || granted.length > 0;
    record(ctx, {
      resource: { type: "organisation", id: tenantId },
      after: { administrator: idOf("per", id) },
      changed,
    });
    return { id: idOf("per", id), made: inserted !== undefined || granted.length > 0 };

    async function known(directory: string, object: string): Promise<string> {
      const [row] = await ctx.db
        .select({ id: people.id })
        .from(people)
        .where(and(eq(people.tenantId, tenantId), eq(people.tid, directory), eq(people.oid, object)));
      return (row as { id: string }).id; // the insert met it
    }
  },
});
