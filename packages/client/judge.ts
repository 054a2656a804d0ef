import type { Contract } from "@dais/contracts";
import type { ProblemDocument } from "@dais/contracts/kit/problems";
import type { TRPCClientError } from "@trpc/client";
import { ForeignAnswer, secondsIn } from "./errors.ts";

/**
 * What a failed attempt means.
 * - `final`: the server has decided, or the same request would fare no better.
 * - `later`: the server did nothing, and said so; the same request may fare better after a while.
 * - `lost`: no answer, or none of the server's: it may have happened.
 */
export type Verdict = {
  kind: "final" | "later" | "lost";
  problem: ProblemDocument | null;
  retryAfterSeconds: number | undefined;
};

export function judge(error: TRPCClientError<Contract>): Verdict {
  const problem = problemIn(error);
  if (problem) {
    const header = (error.meta?.response as Response | undefined)?.headers.get("retry-after");
    const retryAfterSeconds = (problem.retryAfterSeconds as number | undefined) ?? secondsIn(header);
    return { kind: passing.has(problem.code) ? "later" : "final", problem, retryAfterSeconds };
  }
  const { cause } = error;
  if (cause instanceof ForeignAnswer)
    return {
      kind: cause.status >= 500 || early.has(cause.status) ? "lost" : "final",
      problem: null,
      retryAfterSeconds: cause.retryAfterSeconds,
    };
  return { kind: error.data ? "final" : "lost", problem: null, retryAfterSeconds: undefined };
}

/**
 * Whether a refusal leaves open what became of an earlier attempt whose answer was lost: the server gives these before it looks
 * at the Idempotency-Key.
 */
export const leavesOpen = ({ problem }: Verdict): boolean =>
  problem === null || passing.has(problem.code) || problem.code === "unauthenticated" || problem.code === "forbidden";

/** Problems that pass. */
const passing = new Set(["rate_limited", "busy", "unavailable", "idempotency_in_progress"]);

/** Statuses below 500 with which a proxy says "not now". */
const early = new Set([408, 425, 429]);

/** As tRPC carries it; or bare, where the refusal came before tRPC was reached. */
function problemIn(error: TRPCClientError<Contract>): ProblemDocument | null {
  const carried = error.data?.problem;
  if (carried) return carried;
  const bare = error.meta?.responseJSON as Partial<ProblemDocument> | undefined;
  return typeof bare?.code === "string" && typeof bare.status === "number" ? (bare as ProblemDocument) : null;
}
