/** States of an approval. */
export const approvalStates = ["pending", "granted", "refused", "expired", "withdrawn"] as const;

/** How many are asked at most, and among how many options they choose at most. */
export const mostApprovers = 20;
export const mostOptions = 10;
/** From the request to the deadline, in days. */
export const longestDeadline = 366;
