import type { OptOut } from "@dais/contracts/contacts";
import { idOf } from "@dais/contracts/kit/ids";
import { record } from "@dais/kernel/audit";
import type { Ctx } from "@dais/kernel/context";
import { emit } from "@dais/kernel/outbox";
import { endedOptOut, insertOptOuts, type Row, shown } from "./opt-outs-rows.ts";
import { sameForm, type Way } from "./opted-out.ts";

/**
 * From now on these channels aren't used for these addresses: part of a task that has heard so. On record and told, once; again, it changes
 * nothing. One statement.
 * @returns how many of them were news
 */
export async function endChannels(ctx: Ctx, ways: readonly (Way & { source: OptOut["source"] })[]): Promise<number> {
  if (ways.length === 0) return 0;
  // In one order, so that two who hear the same never wait for each other.
  const some = ways
    .map(({ channel, address, source }) => ({ channel, source, address: sameForm(address) }))
    .sort((a, b) => (`${a.channel} ${a.address}` < `${b.channel} ${b.address}` ? -1 : 1));
  const rows = await insertOptOuts(ctx, some);
  for (const row of rows) noted(ctx, row, { out: true });
  return rows.length;
}

/** The address has come back: the channel may be used for it again. @returns whether it had opted out */
export async function resumeChannel(ctx: Ctx, way: Way): Promise<boolean> {
  const row = await endedOptOut(ctx, { ...way, address: sameForm(way.address) });
  if (row) noted(ctx, row, { out: false });
  return row !== undefined;
}

function noted(ctx: Ctx, row: Row, { out }: { out: boolean }): void {
  const resource = { type: "contact", id: row.id };
  const event = out ? "opted_out" : "opted_in";
  record(ctx, { resource, event, after: shown(row, true), as: { action: `contact.${event}` } });
  const payload = { id: idOf("opt", row.id), channel: row.channel };
  emit(ctx, { name: out ? "contact.opted_out" : "contact.opted_in", resource, payload });
}
