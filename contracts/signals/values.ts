/** new -> acknowledged -> dismissed | escalated; snoozed on the way. Withdrawn by its source it is over until something says so again; merged into another, for good. */
export const signalStates = [
  "new",
  "acknowledged",
  "snoozed",
  "dismissed",
  "escalated",
  "withdrawn",
  "merged",
] as const;
/** CAP 1.2, `info.severity`, most severe first. */
export const severities = ["extreme", "severe", "moderate", "minor", "unknown"] as const;
/** CAP 1.2, `info.category`, in small letters. */
export const categories = [
  "geo",
  "met",
  "safety",
  "security",
  "rescue",
  "fire",
  "health",
  "env",
  "transport",
  "infra",
  "cbrne",
  "other",
] as const;

/** Who made something of a signal. */
export const assessors = ["person", "agent", "program"] as const;
/** Why somebody should look at the assessments of a signal. */
export const reviewReasons = ["low_confidence", "disagreement"] as const;

/** CAP 1.2, `alert.msgType`. */
export const messageTypes = ["Alert", "Update", "Cancel", "Ack", "Error"] as const;
/** CAP 1.2, `alert.status`. */
export const alertStatuses = ["Actual", "Exercise", "System", "Test", "Draft"] as const;
/** What becomes of an alert. */
export const alertOutcomes = ["created", "updated", "seen", "withdrawn", "unchanged", "kept", "refused"] as const;
