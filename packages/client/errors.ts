import type { Contract, ProblemCode } from "@dais/contracts";
import type { ProblemDocument } from "@dais/contracts/kit/problems";
import { TRPCClientError } from "@trpc/client";

/**
 * Whether the server refused the call, with one of these codes if any are named. Afterwards `error.problem` is what the server said.
 * @example if (isProblem(error, "signal_changed")) offerToReload(error.problem.version);
 */
export function isProblem<Code extends ProblemCode = ProblemCode>(
  error: unknown,
  ...codes: Code[]
): error is DaisProblem<Code> {
  return error instanceof DaisProblem && (codes.length === 0 || (codes as string[]).includes(error.code));
}

/** Whether nobody can tell if the call took effect: no answer came, however often it was sent. */
export const isLostAnswer = (error: unknown): error is LostAnswer => error instanceof LostAnswer;

/** The server's refusal. Decide by `code`, which is never renamed; show `problem.detail` to people. @see RFC 9457 */
export class DaisProblem<Code extends ProblemCode = ProblemCode> extends TRPCClientError<Contract> {
  readonly problem: ProblemDocument & { code: Code };
  readonly code: Code;
  readonly status: number;
  /** The key under which the change was sent; null for a read. */
  readonly idempotencyKey: string | null;

  constructor(problem: ProblemDocument, from: { cause: TRPCClientError<Contract>; idempotencyKey: string | null }) {
    super(`${problem.code}: ${problem.detail}`, { cause: from.cause });
    // tRPC's constructor makes every error a plain TRPCClientError, whoever extends it.
    Object.setPrototypeOf(this, DaisProblem.prototype);
    this.name = "DaisProblem";
    Object.assign(this, { shape: from.cause.shape, data: from.cause.data, meta: from.cause.meta });
    this.problem = problem as ProblemDocument & { code: Code };
    this.code = this.problem.code;
    this.status = problem.status;
    this.idempotencyKey = from.idempotencyKey;
  }
}

/**
 * No answer that decides, after all attempts. A read may simply be repeated. A change may have happened: send it again with
 * `withKey(error.idempotencyKey)`, and it happens once in any case. `cause` is what the last attempt met.
 */
export class LostAnswer extends TRPCClientError<Contract> {
  /** RPC path: `signals.ingest`. */
  readonly operation: string;
  /** The key under which the change was sent; null for a read. */
  readonly idempotencyKey: string | null;
  readonly attempts: number;

  constructor(lost: { operation: string; idempotencyKey: string | null; attempts: number; cause: Error }) {
    const doubt = lost.idempotencyKey === null ? "" : " It may have happened or not.";
    super(`No answer to ${lost.operation}, sent ${lost.attempts} time(s).${doubt}`, { cause: lost.cause });
    Object.setPrototypeOf(this, LostAnswer.prototype);
    this.name = "LostAnswer";
    this.operation = lost.operation;
    this.idempotencyKey = lost.idempotencyKey;
    this.attempts = lost.attempts;
  }
}

/** An answer that something between us and the server gave: its status says how much it means. */
export class ForeignAnswer extends Error {
  readonly status: number;
  readonly retryAfterSeconds: number | undefined;

  constructor(response: Response) {
    super(`The answer, of status ${response.status}, is none of Dais.`);
    this.name = "ForeignAnswer";
    this.status = response.status;
    this.retryAfterSeconds = secondsIn(response.headers.get("retry-after"));
  }
}

/** Only the form in seconds: the other one, a date, needs clocks that agree. @see RFC 9110, section 10.2.3 */
export const secondsIn = (header: string | null | undefined): number | undefined =>
  /^\d{1,6}$/.test(header ?? "") ? Number(header) : undefined;
