export const briefingStates = ["draft", "pending_approval", "approved", "distributed", "withdrawn", "expired"] as const;
export const briefingRequestStates = ["requested", "asked", "answered", "lapsed"] as const;

/** Characters of one section's text in one language. */
export const longestBody = 50_000;
export const mostSections = 20;
export const mostSources = 200;
