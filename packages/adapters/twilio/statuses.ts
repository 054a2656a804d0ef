import type { VendorStatus } from "@dais/kernel/couriers/port";

/**
 * Twilio's words for how far a message is. Not in it are those for what it has only taken: `accepted`, `scheduled`, `queued`, `sending`.
 * @see https://www.twilio.com/docs/messaging/api/message-resource#message-status-values
 */
const statuses: Readonly<Record<string, VendorStatus>> = {
  sent: "sent",
  delivered: "delivered",
  // Of a message to several devices or numbers, of which one has it.
  partially_delivered: "delivered",
  read: "read",
  undelivered: "failed",
  failed: "failed",
  canceled: "failed",
};

export const statusOf = (word: unknown): VendorStatus | null =>
  typeof word === "string" && Object.hasOwn(statuses, word) ? (statuses[word] ?? null) : null;
