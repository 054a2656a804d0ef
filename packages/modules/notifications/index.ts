import { idOf } from "@dais/contracts/kit/ids";
import type { notifications as contract } from "@dais/contracts/notifications";
import { record } from "@dais/kernel/audit";
import type { Ctx, Handlers } from "@dais/kernel/context";
import { emit } from "@dais/kernel/outbox";
import { pageOf, positionOf } from "@dais/kernel/paging";
import { Problem } from "@dais/kernel/problem";
import { hold, markRead, type Row, show, some } from "./rows.ts";

export { type Notice, notify } from "./notify.ts";

/** One function for each operation of contracts/notifications.ts, under the same name. */
export const notifications: Handlers<typeof contract> = {
  list: async (ctx, input) => {
    if (ctx.actor.kind !== "user") return { items: [], nextCursor: null };
    const rows = await some(ctx, input, positionOf(ctx, input) as [string, string] | null, input.limit + 1);
    return pageOf(ctx, input, rows, show, (row) => [row.createdAt.toISOString(), row.id]);
  },

  read: async (ctx, { id }) => {
    const before = await held(ctx, id);
    const changed = before.readAt === null;
    const after = changed ? await markRead(ctx, before) : before;
    const resource = resourceOf(after);
    record(ctx, { resource, before: show(before), after: show(after), changed });
    if (changed) emit(ctx, { name: "notification.read", resource, payload: payloadOf(after) });
    return { changed, notification: show(after) };
  },
};

/** One of the caller's own. @throws notification_not_found */
async function held(ctx: Ctx, id: string): Promise<Row> {
  const row = ctx.actor.kind === "user" ? await hold(ctx, id) : undefined;
  if (!row) throw new Problem("notification_not_found");
  return row;
}

const resourceOf = ({ id, classification }: Row) => ({ type: "notification", id, classification });
const payloadOf = ({ id, personId, recipientId }: Row) => ({
  id: idOf("ntf", id),
  personId: idOf("per", personId),
  recipientId: idOf("dre", recipientId),
});
