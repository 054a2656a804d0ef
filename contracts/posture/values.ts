/** States of a proposed change of posture. */
export const postureStates = ["proposed", "confirmed", "rejected", "withdrawn", "superseded"] as const;
