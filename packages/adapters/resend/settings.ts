export type ResendSettings = {
  apiKey: string;
  /** Who mail comes from: an address of a domain that Resend has verified, `Dais <dais@example.org>`. */
  from: string;
  replyTo: string | null;
  /** `whsec_…` of the webhook: the current one first. While one is being replaced, both check what Resend says to us. */
  webhookSecrets: readonly string[];
  /** Where Resend answers; another one for tests. */
  baseUrl?: string;
  timeoutMs?: number;
  now(): Date;
};
