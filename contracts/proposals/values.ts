/** States of a proposal. */
export const proposalStates = ["open", "approved", "rejected", "withdrawn", "expired", "stale"] as const;
