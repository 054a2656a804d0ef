/**
 * Why there is no document. `too_long`: it has more pages than are allowed, and will have next time; the rest is none of the document's doing,
 * and may go well later. `timed_out`, `crashed`: it took too long or too much memory, or its thread died. `busy`: too many wait.
 */
export class NotRendered extends Error {
  override name = "NotRendered";
  readonly code: "too_long" | "timed_out" | "crashed" | "busy";

  constructor(code: NotRendered["code"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
