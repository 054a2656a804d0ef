import { usualSignalSettings } from "@dais/contracts/organisations/settings";
import { arrayOf } from "@dais/drizzle/schema/texts";
import type { Ctx } from "@dais/kernel/context";

/** When an acknowledged signal comes back that nobody touches from now on, as SQL over the tenant and now. */
export const raiseAt = (tenant: string, now: string): string =>
  `${now}::timestamptz + make_interval(mins => coalesce((
    select (o.settings->'signals'->>'raiseAfterMinutes')::int from organisations o where o.id = ${tenant}
  ), ${usualSignalSettings.raiseAfterMinutes}))`;

const touchText = `
  update signals set raise_at = ${raiseAt("$1", "$2")}
  where tenant_id = $1 and id = any ($3::uuid[]) and classification = any ($4::text[]) and state = 'acknowledged'`;

/** Somebody did something about signals: those that are acknowledged have their time from now on. */
export const touch = (ctx: Ctx, uuids: readonly string[]) =>
  ctx.send(touchText, [ctx.tenant.id, ctx.now.toISOString(), arrayOf(uuids), arrayOf(ctx.visible)]);
