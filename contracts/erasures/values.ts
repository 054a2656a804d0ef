/** States of an erasure from the audit log. */
export const erasureStates = ["requested", "erased", "rejected", "withdrawn"] as const;
