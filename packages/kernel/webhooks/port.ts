import type { deliveryErrors } from "@dais/contracts/webhooks/values";

/** Why something was not taken, or not sent. */
export type DeliveryError = (typeof deliveryErrors)[number];

/** What somebody outside answered. */
export type Posted =
  /** `retryAfterSeconds`: how long the other side wants to be left alone, if it said so. */
  | { kind: "answered"; status: number; retryAfterSeconds: number | null }
  | {
      kind: "unanswered";
      code: Extract<
        DeliveryError,
        "address_refused" | "unresolved" | "unreachable" | "certificate_refused" | "timed_out" | "unexpected_answer"
      >;
    };

/** Sends a body to an address outside, by POST. It never throws: whatever happens is an answer, within bounds of time. */
export type Post = (of: { url: string; headers: Record<string, string>; body: Uint8Array }) => Promise<Posted>;
