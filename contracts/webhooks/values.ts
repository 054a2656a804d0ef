/** Of a webhook: heard, switched off by somebody, given up by the server, or gone for good. */
export const webhookStates = ["active", "paused", "failed", "deleted"] as const;

/** So many an organisation has at most, those that are switched off included. */
export const mostWebhooks = 1000;

/** waiting -> delivered; failed: given up; silenced: not sent, because the webhook may not hear of it or is off. */
export const deliveryStates = ["waiting", "delivered", "failed", "silenced"] as const;

/** Why an attempt came to nothing. Never what the other side said. */
export const deliveryErrors = [
  "address_refused",
  "unresolved",
  "unreachable",
  "certificate_refused",
  "timed_out",
  "redirected",
  "unexpected_answer",
  "gone",
  "secret_unreadable",
  "not_allowed",
  "webhook_off",
] as const;
