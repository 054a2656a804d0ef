import type { ContactPreferences } from "@dais/contracts/contacts";
import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import { arrayOf } from "@dais/drizzle/schema/texts";
import type { Ctx } from "@dais/kernel/context";

/** What counts when somebody is to be told something. */
export type Contact = Pick<ContactPreferences, "channels" | "quietHours">;

const text = `
  select person_id, channels, quiet_hours from contact_preferences
  where tenant_id = $1 and person_id = any ($2::uuid[])`;

/** What these people said of how they want to be reached, by their ids, in one statement. Who never said anything is not in it. */
export async function contactsOf(
  ctx: Pick<Ctx, "send" | "tenant">,
  personIds: readonly string[],
): Promise<Map<string, Contact>> {
  if (personIds.length === 0) return new Map();
  const rows = await ctx.send(text, [ctx.tenant.id, arrayOf(personIds.map(uuidOf))]);
  return new Map(
    rows.map((row) => [
      idOf("per", row.person_id as string),
      {
        channels: row.channels as Contact["channels"],
        quietHours: row.quiet_hours as Contact["quietHours"],
      },
    ]),
  );
}
