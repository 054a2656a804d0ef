import type { DispatchDay } from "@dais/contracts/dispatches";
import type { Ctx } from "@dais/kernel/context";
import { Problem } from "@dais/kernel/problem";

/** A day's cap, and what is left of it. `usual`: the organisation's setting. */
export async function dayOf(ctx: Ctx, day: string, usual: number): Promise<DispatchDay> {
  const [row] = await ctx.send("select cap, reserved from dispatch_days where tenant_id = $1 and day = $2", [
    ctx.tenant.id,
    day,
  ]);
  const cap = Math.max(usual, (row?.cap as number | null | undefined) ?? 0);
  const reserved = (row?.reserved as number | undefined) ?? 0;
  return { day, cap, reserved, left: Math.max(0, cap - reserved) };
}

/**
 * Takes so many messages from a day's cap, for as long as this change lives: whoever else does waits for it, so two can't both have what is left.
 * @throws dispatch_cap
 */
export async function reserve(ctx: Ctx, day: string, needed: number, usual: number): Promise<void> {
  if (await hasReserved(ctx, day, needed, usual)) return;
  const { left, cap } = await dayOf(ctx, day, usual);
  throw new Problem("dispatch_cap", { needed, left, cap, day });
}

/** The same; false where there isn't so much left. */
export const hasReserved = async (ctx: Ctx, day: string, needed: number, usual: number): Promise<boolean> =>
  needed === 0 || (await ctx.send(taken, [ctx.tenant.id, day, needed, usual])).length > 0;

const taken = `
  insert into dispatch_days as d (tenant_id, day, reserved) select $1, $2, $3::int where $3::int <= $4::int or exists (
    select from dispatch_days e where e.tenant_id = $1 and e.day = $2)
  on conflict (tenant_id, day) do update set reserved = d.reserved + excluded.reserved
    where d.reserved + excluded.reserved <= greatest(coalesce(d.cap, 0), $4::int)
  returning reserved`;
