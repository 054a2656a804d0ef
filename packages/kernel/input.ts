import type { Operation } from "@dais/contracts/kit/derive";
import type { FieldError } from "@dais/contracts/kit/problems";
import type { z } from "zod";
import { Problem } from "./problem.ts";

const mostErrors = 20;

/** Parses what came in. @throws invalid_input, with a pointer to each field that is wrong */
export function parsed(operation: Operation, raw: unknown): unknown {
  const result = operation.input.safeParse(raw);
  if (result.success) return result.data;
  throw new Problem("invalid_input", { errors: result.error.issues.flatMap(fieldErrors).slice(0, mostErrors) });
}

/** Whether the caller said which version it saw. Judged before parsing: 428 comes before 400. */
export const saysVersion = (raw: unknown): boolean =>
  typeof raw === "object" && raw !== null && Object.hasOwn(raw, "version");

function fieldErrors(issue: z.core.$ZodIssue): FieldError[] {
  const at = pointer(issue.path);
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => ({
      pointer: at + pointer([key]),
      code: "unknown_field",
      message: "There is no such field.",
    }));
  return [{ pointer: at, code: issue.code, message: issue.message }];
}

/** @see RFC 6901 */
export const pointer = (path: readonly PropertyKey[]): string =>
  path.map((part) => `/${String(part).slice(0, 100).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
