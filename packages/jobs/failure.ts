import { problems } from "@dais/contracts";
import { faultOf } from "@dais/kernel/faults";
import { Problem } from "@dais/kernel/problem";
import type { Failure } from "./rows.ts";

/** What is shown of an error: a problem's own words, and nothing of any other, which may hold what the job worked on. */
export function failureOf(thrown: unknown): Failure {
  const error = faultOf(thrown);
  if (error instanceof Problem) return { code: error.code, message: problems[error.code].title };
  if (error instanceof Error && error.name === "ZodError")
    return { code: "data_invalid", message: "What the job was given doesn't fit what it takes" };
  return { code: "internal", message: "Something went wrong that nobody expected: the log has it" };
}

/** Of a job whose process went away, or that ran for too long. */
export const lost: Failure = {
  code: "lost",
  message: "The process that ran it went away, or it ran for longer than it may",
};
export const unknown: Failure = { code: "unknown", message: "No version of the server knows this job any more" };
