/** open -> in_progress <-> blocked -> done -> verified by somebody else; or cancelled. What is over can be reopened. */
export const actionStates = ["open", "in_progress", "blocked", "done", "verified", "cancelled"] as const;
/** In which there is still something to do. */
export const workingStates = ["open", "in_progress", "blocked"] as const;
/** Most pressing first. */
export const priorities = ["urgent", "high", "normal", "low"] as const;
/** What an action can come of. */
export const sourceTypes = ["signal", "posture", "briefing"] as const;
