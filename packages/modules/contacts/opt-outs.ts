import type { OptOut } from "@dais/contracts/contacts";
import { idOf } from "@dais/contracts/kit/ids";
import { record } from "@dais/kernel/audit";
import type { Ctx } from "@dais/kernel/context";
import { emit } from "@dais/kernel/outbox";
import { Problem } from "@dais/kernel/problem";
import { endedOptOut, endOptOut, holdOptOut, insertOptOuts, type Row, shown, shownTo } from "./opt-outs-rows.ts";
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

/**
 * Somebody who may opens a channel again for an address.
 * @throws contact_opt_out_not_found
 * @throws contact_opted_out_themselves
 */
export async function optIn(
  ctx: Ctx,
  { id, reason }: { id: string; reason: string },
): Promise<{ changed: boolean; optOut: OptOut }> {
  const before = await holdOptOut(ctx, id);
  if (!before) throw new Problem("contact_opt_out_not_found");
  const resource = { type: "contact", id: before.id };
  if (before.endedAt !== null) {
    record(ctx, { resource, changed: false, reason });
    return { changed: false, optOut: shownTo(ctx)(before) };
  }
  if (before.source === "reply") throw new Problem("contact_opted_out_themselves");
  const after = await endOptOut(ctx, before);
  record(ctx, { resource, event: "opted_in", before: shown(before, true), after: shown(after, true), reason });
  emit(ctx, { name: "contact.opted_in", resource, payload: { id, channel: after.channel } });
  return { changed: true, optOut: shownTo(ctx)(after) };
}

function noted(ctx: Ctx, row: Row, { out }: { out: boolean }): void {
  const resource = { type: "contact", id: row.id };
  const event = out ? "opted_out" : "opted_in";
  record(ctx, { resource, event, after: shown(row, true), as: { action: `contact.${event}` } });
  const payload = { id: idOf("opt", row.id), channel: row.channel };
  emit(ctx, { name: out ? "contact.opted_out" : "contact.opted_in", resource, payload });
}
