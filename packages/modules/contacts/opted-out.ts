import type { Channel } from "@dais/contracts/dispatches/values";
import type { Ctx } from "@dais/kernel/context";

/** An address, and the channel by which it would be reached. */
export type Way = { channel: Channel; address: string };
/** Whether a channel must not be used for an address. */
export type OptedOut = (way: Way) => boolean;

/** The one form of an address by which it is known again: mailboxes are compared in small letters, as everybody runs them. */
export const sameForm = (address: string): string => address.trim().toLowerCase();

const text = `
  select o.channel, o.address from channel_opt_outs o
  join json_to_recordset($2::json) as w(channel text, address text) on w.channel = o.channel and w.address = o.address
  where o.tenant_id = $1 and o.ended_at is null`;

/** Which of these have opted out, in one statement. */
export async function optedOut(ctx: Pick<Ctx, "send" | "tenant">, ways: readonly Way[]): Promise<OptedOut> {
  if (ways.length === 0) return () => false;
  const asked = ways.map(({ channel, address }) => ({ channel, address: sameForm(address) }));
  const rows = await ctx.send(text, [ctx.tenant.id, JSON.stringify(asked)]);
  const out = new Set(rows.map(({ channel, address }) => `${channel} ${address}`));
  return ({ channel, address }) => out.has(`${channel} ${sameForm(address)}`);
}
