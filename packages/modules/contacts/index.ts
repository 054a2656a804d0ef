import type { contacts as contract } from "@dais/contracts/contacts";
import { uuidOf } from "@dais/contracts/kit/ids";
import { record } from "@dais/kernel/audit";
import type { Ctx, Handlers } from "@dais/kernel/context";
import { pageOf, positionOf } from "@dais/kernel/paging";
import { Problem } from "@dais/kernel/problem";
import { optIn } from "./opt-outs.ts";
import { optOuts, shownTo } from "./opt-outs-rows.ts";
import { hold, insert, own, show, write } from "./rows.ts";

export { endChannels, resumeChannel } from "./opt-outs.ts";
export { type OptedOut, optedOut, sameForm, type Way } from "./opted-out.ts";
export { type Contact, contactsOf } from "./reach.ts";

/** One function for each operation of contracts/contacts.ts, under the same name. */
export const contacts: Handlers<typeof contract> = {
  get: async (ctx) => show(personOf(ctx), await own(ctx)),

  update: async (ctx, { version, ...wanted }) => {
    const personId = personOf(ctx);
    const before = await hold(ctx);
    const now = before?.version ?? 1;
    if (now !== version) throw new Problem("contact_changed", { version: now });
    const was = show(personId, before);
    const { channels = was.channels, quietHours = was.quietHours } = wanted;
    const row = before
      ? await write(ctx, before, { channels, quietHours })
      : await insert(ctx, { channels, quietHours });
    // Two first ones at once: the other was there before this one, which saw nothing to hold.
    if (!row) throw new Problem("contact_changed", { version: 2 });
    const after = show(personId, row);
    const resource = { type: "contact", id: uuidOf(personId), version: row.version };
    record(ctx, { resource, before: was, after });
    return after;
  },

  optOuts: async (ctx, input) => {
    const rows = await optOuts(ctx, input, positionOf(ctx, input) as [string, string] | null, input.limit + 1);
    return pageOf(ctx, input, rows, shownTo(ctx), (row) => [row.at.toISOString(), row.id]);
  },

  optIn,
};

/** @throws contact_person_only */
function personOf({ actor }: Ctx): string {
  if (actor.kind !== "user") throw new Problem("contact_person_only");
  return actor.id;
}
