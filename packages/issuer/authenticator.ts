import { randomBytes } from "node:crypto";
import { generateHOTP, verifyHOTP } from "@oslojs/otp";

/** Everybody's authenticator app. */
export type Authenticator = {
  /** The six digits that the person's one shows now. */
  codeOf(oid: string): string;
  /** Whether the digits are those of now, or of the half minute before or after. */
  accepts(oid: string, code: string): boolean;
};

/** Secrets are made at their first use. @see RFC 6238: 30 seconds, six digits, SHA-1 */
export function makeAuthenticator(now: () => Date): Authenticator {
  const secrets = new Map<string, Uint8Array>();

  function secretOf(oid: string): Uint8Array {
    const secret = secrets.get(oid) ?? randomBytes(20);
    secrets.set(oid, secret);
    return secret;
  }
  const step = () => Math.floor(now().getTime() / 30_000);

  return {
    codeOf: (oid) => generateHOTP(secretOf(oid), BigInt(step()), 6),
    accepts: (oid, code) =>
      [-1, 0, 1].some((away) => verifyHOTP(secretOf(oid), BigInt(step() + away), 6, code.replace(/\s/g, ""))),
  };
}
