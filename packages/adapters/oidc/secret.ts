import { constantTimeEqual } from "@oslojs/crypto/subtle";

/** Whether both are the same text, in a time that doesn't tell how far they agree. False where either is missing. */
export function sameSecret(one: unknown, other: unknown): boolean {
  if (typeof one !== "string" || typeof other !== "string" || one === "") return false;
  const bytes = (text: string) => new TextEncoder().encode(text);
  return constantTimeEqual(bytes(one), bytes(other));
}
