import { events } from "@dais/contracts";
import type { Ctx } from "@dais/kernel/context";
import { Problem } from "@dais/kernel/problem";

type Wanted = { url?: string; types?: string[] | null; classification?: string };

/**
 * Whether the caller may have this address told these things. What comes first asks nothing of the database: the DNS may take its time.
 * @throws webhook_above_clearance, webhook_classification_unknown, webhook_event_unknown, webhook_address_refused
 */
export async function fitting(ctx: Ctx, { url, types, classification }: Wanted): Promise<void> {
  if (classification !== undefined && !ctx.visible.includes(classification))
    throw new Problem(
      ctx.tenant.levels.includes(classification) ? "webhook_above_clearance" : "webhook_classification_unknown",
    );
  const unknown = (types ?? []).filter(
    (name) => (events.get(name)?.permission ?? "nobody") === "nobody" && !open(name),
  );
  if (unknown.length > 0) throw new Problem("webhook_event_unknown", { types: unknown });
  if (url !== undefined && (await ctx.refusesAddress(url))) throw new Problem("webhook_address_refused");
}

/** Told to any signed-in caller. */
const open = (name: string): boolean => events.get(name)?.permission === null;

/** By whose rights it hears: a program's permissions stand in its tokens only, and are kept as they are now. */
export const ownedBy = ({ actor }: Ctx) => ({
  ownerId: actor.id,
  ownerPermissions: actor.id.startsWith("prg_") ? [...actor.permissions].sort() : null,
});
