import { workflow } from "../kit/workflow.ts";

const onItsWay = "The server sends it when its turn comes.";
const handedOver = "The vendor says how far it came; by the policy's times, the next channel is tried.";
const ended = "The ladder has ended. An acknowledgement may still come, and the vendor's word that it arrived.";

/**
 * queued -> sending -> sent -> delivered -> read, as the vendor says; back to queued for the next channel or another try; acknowledged from wherever it
 * is. The rest are its ends: failed, expired, recalled, undetermined.
 */
export const dispatchRecipientWorkflow = workflow({
  name: "dispatch_recipient",
  kind: "dre",
  capability: "dispatchRecipients",
  title: "Recipient of a dispatch",
  initial: "queued",
  states: {
    queued: { rests: onItsWay },
    sending: { rests: onItsWay },
    sent: { rests: handedOver },
    delivered: { rests: handedOver },
    read: { rests: handedOver },
    acknowledged: { final: true },
    failed: { rests: ended },
    expired: { rests: ended },
    recalled: { rests: ended },
    undetermined: { rests: ended },
  },
  moves: {
    address: { from: [], to: "queued", by: "system" },
    begin: { from: ["queued"], to: "sending", told: "begun", by: "system" },
    hand: { from: ["sending", "undetermined"], to: "sent", told: "sent", by: "system" },
    deliver: {
      from: ["queued", "sending", "sent", "undetermined", "expired", "failed"],
      to: "delivered",
      by: "system",
    },
    see: {
      from: ["queued", "sending", "sent", "delivered", "undetermined", "expired", "failed"],
      to: "read",
      told: "read",
      by: "system",
    },
    retry: { from: ["sending"], to: "queued", told: "retried", by: "system" },
    fall: { from: ["queued", "sending", "sent", "delivered", "read"], to: "queued", told: "fell_back", by: "system" },
    acknowledge: {
      from: ["queued", "sending", "sent", "delivered", "read", "failed", "expired", "recalled", "undetermined"],
      to: "acknowledged",
      policies: ["theirs"],
    },
    fail: { from: ["queued", "sending", "sent", "undetermined"], to: "failed", by: "system" },
    expire: { from: ["queued", "sending", "sent", "delivered", "read"], to: "expired", by: "system" },
    recall: { from: ["queued", "sending"], to: "recalled", by: "system" },
    lose: { from: ["queued", "sending", "sent"], to: "undetermined", told: "undetermined", by: "system" },
  },
});
