/** A security event token that isn't taken, with the code and the words that its transmitter is told. @see RFC 8935, section 2.4 */
export class SecurityEventRefused extends Error {
  readonly code: "invalid_request" | "invalid_key" | "invalid_issuer" | "invalid_audience";

  constructor(code: SecurityEventRefused["code"], description: string) {
    super(description);
    this.name = "SecurityEventRefused";
    this.code = code;
  }
}
