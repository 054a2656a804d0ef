import type { CapAlert, CapReference } from "@dais/cap/model";
import { uuidOf } from "@dais/contracts/kit/ids";
import { sha256 } from "@dais/kernel/canonical";
import type { Belonging } from "./map.ts";

type Within = Pick<Belonging, "classification" | "entityId">;

/**
 * What an alert is known by: sender, identifier and the moment of sending, in whatever zone that is said. Other classifications and
 * entities never meet. @see OASIS CAP 1.2, `references`
 */
export const nameOf = (
  { classification, entityId }: Within,
  { sender, identifier, sent }: Pick<CapReference, "sender" | "identifier" | "sent">,
): string =>
  sha256([classification, entityId ? uuidOf(entityId) : "", sender, identifier, Date.parse(sent)].join("\n"));

/** Before the name of an alert of another sender: it is referred to, and not acted on. */
export const foreign = "~";

/** The names of what an alert refers to, once each and in its order; those of another sender's alerts are marked. */
export const refersOf = (within: Within, { sender, references }: CapAlert): string[] => [
  ...new Set(references.map((one) => (one.sender === sender ? "" : foreign) + nameOf(within, one))),
];

/** Whether a message says what happens, and may change what another said. */
export const isSaying = ({ status, msgType }: Pick<CapAlert, "status" | "msgType">): boolean =>
  status === "Actual" && (msgType === "Alert" || msgType === "Update" || msgType === "Cancel");
