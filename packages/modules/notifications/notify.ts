import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import type { Notification } from "@dais/contracts/notifications";
import type { Ctx } from "@dais/kernel/context";
import { emit } from "@dais/kernel/outbox";
import { insert } from "./rows.ts";

/** What somebody is told. `recipientId`: whose turn it was; nobody is told twice for one. */
export type Notice = Pick<Notification, "recipientId" | "title" | "body" | "language" | "classification"> & {
  personId: string;
};

/**
 * Tells people something within the house: part of a task that has decided so, and keeps that on record itself. They see it at once on their
 * live streams.
 * @returns the recipients who weren't told yet
 */
export async function notify(ctx: Ctx, notices: readonly Notice[]): Promise<Set<string>> {
  if (notices.length === 0) return new Set();
  const rows = await insert(
    ctx,
    notices.map(({ personId, recipientId, ...notice }) => ({
      ...{ id: ctx.newId(), ...notice, personId: uuidOf(personId), recipientId: uuidOf(recipientId) },
    })),
  );
  for (const { id, personId, recipientId, classification } of rows)
    emit(ctx, {
      name: "notification.created",
      resource: { type: "notification", id, classification },
      payload: { id: idOf("ntf", id), personId: idOf("per", personId), recipientId: idOf("dre", recipientId) },
    });
  return new Set(rows.map(({ recipientId }) => idOf("dre", recipientId)));
}
