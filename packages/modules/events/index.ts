import type { events as contract } from "@dais/contracts/events";
import { envelopeOf } from "@dais/contracts/kit/envelope";
import type { Ctx, Handlers } from "@dais/kernel/context";
import { pageOf, positionOf } from "@dais/kernel/paging";
import { mayHear, wanting } from "@dais/kernel/streams/hearing";
import { placeId, placeIn } from "@dais/kernel/streams/place";
import { eventsAfter, type Found, latestEvents } from "./rows.ts";

/** One function for each operation of contracts/events.ts, under the same name. */
export const events: Handlers<typeof contract> = {
  list: async (ctx, input) => {
    const from = beginning(ctx, input);
    const found = from === null ? null : await eventsAfter(ctx, from, scanned);
    const heard = found ? first(ctx, input, found) : last(ctx, input, await latestEvents(ctx, scanned));
    const { nextCursor } = heard.more ? cursorAt(ctx, input, heard.position) : { nextCursor: null };
    return {
      items: heard.events.map((event) => envelopeOf(event, { url: ctx.publicUrl, tenant: ctx.tenant.slug })),
      nextCursor,
      lastEventId: placeId(placeOf(ctx), heard.position),
      reload: from !== null && found === null,
    };
  },
};

/** So many events are looked through for one answer: of what happens, a caller may hear a small part. */
const scanned = 1000;

type Input = Parameters<(typeof events)["list"]>[1];

const placeOf = (ctx: Ctx) => ({ key: ctx.cursors.key, tenantId: ctx.tenant.id });

/** The position after which the caller wants to hear, or null: the latest. @throws invalid_cursor */
function beginning(ctx: Ctx, input: Input): string | null {
  const [at] = positionOf(ctx, input) ?? [];
  if (at !== undefined) return String(at);
  return input.lastEventId === undefined ? null : placeIn(placeOf(ctx), input.lastEventId);
}

/** As many of them as asked for, from the first on; it ends where the last of them is. */
function first(ctx: Ctx, input: Input, found: Found): Found {
  const heard = found.events.filter(hearing(ctx, input));
  const events = heard.slice(0, input.limit);
  const end = events.at(-1);
  return heard.length > events.length && end ? { events, position: end.position, more: true } : { ...found, events };
}

/** As many of them as asked for, up to the last. */
const last = (ctx: Ctx, input: Input, found: Found): Found => ({
  ...found,
  events: found.events.filter(hearing(ctx, input)).slice(-input.limit),
});

function hearing(ctx: Ctx, input: Input): (event: Found["events"][number]) => boolean {
  const wants = wanting(input);
  return (event) => wants(event) && mayHear(ctx, event);
}

/** A cursor, as lists sign them. */
const cursorAt = (ctx: Ctx, input: Input, position: string) =>
  pageOf(ctx, { ...input, limit: 1 }, [position, position], String, (at) => [at]);
