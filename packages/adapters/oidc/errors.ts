/**
 * What the browser brought or the issuer said doesn't hold. `reason` is for logs and tests: whoever tries to get in is never told
 * which part failed.
 */
export class SignInRefused extends Error {
  readonly reason: string;

  constructor(reason: string) {
    super(`sign-in refused: ${reason}`);
    this.name = "SignInRefused";
    this.reason = reason;
  }
}

/** The issuer can't be reached, or says nothing that can be read, or refuses us as a client: nothing is known of the person. */
export class IssuerAway extends Error {
  readonly reason: string;
  readonly retryAfterSeconds: number;

  constructor(reason: string, retryAfterSeconds = 10) {
    super(`issuer away: ${reason}`);
    this.name = "IssuerAway";
    this.reason = reason;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The issuer has ended what a refresh token stands for, or wants to see the person again. The session is over. */
export class GrantEnded extends Error {
  readonly reason: string;

  constructor(reason: string) {
    super(`grant ended: ${reason}`);
    this.name = "GrantEnded";
    this.reason = reason;
  }
}
