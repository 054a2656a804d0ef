import { type ProblemCode, problems } from "@dais/contracts";
import type { FieldError, ProblemDocument } from "@dais/contracts/kit/problems";

export type Extensions = { errors?: FieldError[]; retryAfterSeconds?: number } & Record<string, unknown>;

/**
 * The one error that modules throw: a code of the catalogue, and what is particular to this occurrence.
 * Extensions reach the caller: nothing in them may be secret. Anything else that leaves a module is a bug, and answers 500.
 */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly status: number;
  readonly extensions: Extensions;

  constructor(code: ProblemCode, extensions: Extensions = {}) {
    super(code);
    this.name = "Problem";
    this.code = code;
    this.status = problems[code].status;
    this.extensions = extensions;
  }
}

/** The problem as every face shows it. @see RFC 9457 */
export function problemDocument(problem: Problem, of: { requestId: string; publicUrl: string }): ProblemDocument {
  const { title, status, meaning } = problems[problem.code];
  return {
    type: `${of.publicUrl}/problems/${problem.code}`,
    title,
    status,
    detail: meaning,
    instance: `urn:dais:request:${of.requestId}`,
    code: problem.code,
    requestId: of.requestId,
    ...problem.extensions,
  };
}
