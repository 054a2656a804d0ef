import { createHmac, randomBytes } from "node:crypto";
import { envelopeMediaType } from "@dais/contracts/kit/envelope";

/** A new secret of a webhook: 32 bytes from the system's own chance, never from a seed. */
export const newSecret = (): string => `whsec_${randomBytes(32).toString("base64")}`;

/** What a webhook's secrets are sealed for: one can't be moved to another webhook. @param id Its uuid */
export const sealedFor = (id: string): string => `webhook ${id}`;

/**
 * The headers of one delivery. `id` is the event's, the same each time that it is sent; the time and the signatures are of this attempt.
 * @param secrets Whoever has one of them can check it
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function signedHeaders(of: { id: string; at: Date; body: string; secrets: readonly string[] }) {
  const timestamp = Math.floor(of.at.getTime() / 1000);
  return {
    "content-type": envelopeMediaType,
    "user-agent": "Dais",
    "webhook-id": of.id,
    "webhook-timestamp": String(timestamp),
    "webhook-signature": of.secrets.map((secret) => signature(secret, `${of.id}.${timestamp}.${of.body}`)).join(" "),
  };
}

const signature = (secret: string, content: string): string => {
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  return `v1,${createHmac("sha256", key).update(content).digest("base64")}`;
};
