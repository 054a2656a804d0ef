/** Ways of reaching somebody. */
export const channels = ["whatsapp", "sms", "email", "teams", "in_app"] as const;
export type Channel = (typeof channels)[number];

/** What a message is for: people choose their channels for each. */
export const categories = ["briefing", "crisis", "alert", "action", "notice"] as const;
export type Category = (typeof categories)[number];

/** What a channel is given time for, each more than the one before. */
export const goals = ["sent", "delivered", "read", "acknowledged"] as const;
export type Goal = (typeof goals)[number];

export const priorities = ["normal", "urgent"] as const;

export const dispatchStates = ["running", "stopped", "finished"] as const;

/**
 * How far one recipient is. `undetermined`: whether it was sent can't be found out. `expired`: all channels were tried, and none came as far as
 * was asked for.
 */
export const recipientStates = [
  "queued",
  "sending",
  "sent",
  "delivered",
  "read",
  "acknowledged",
  "failed",
  "expired",
  "recalled",
  "undetermined",
] as const;
export type RecipientState = (typeof recipientStates)[number];

/**
 * One attempt on one channel: in hand, taken by the vendor, refused by it, without an answer, never arrived there, beyond finding out, or rehearsed in
 * a drill.
 */
export const attemptStates = ["handing", "taken", "refused", "unknown", "absent", "undetermined", "rehearsed"] as const;
export type AttemptState = (typeof attemptStates)[number];

/** Over how many channels one goes at most, and how many recipients one dispatch has at most. */
export const mostSteps = 6;
export const mostRecipients = 100_000;
