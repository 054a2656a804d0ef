import type { Operation } from "@dais/contracts/kit/derive";
import type { FieldError } from "@dais/contracts/kit/problems";
import type { z } from "zod";
import { Problem } from "./problem.ts";

const mostErrors = 20;

type Received = { readInput(): unknown | Promise<unknown>; idempotencyKey: string | null };

/**
 * Reads a call's input and parses it, judged in order: whether it says a version, its idempotency key's form, its fields.
 * @throws version_required, idempotency_key_invalid, invalid_input, and what reading throws
 */
export async function accepted(operation: Operation, call: Received): Promise<unknown> {
  const raw = (await call.readInput()) ?? {};
  if (operation.meta.version === "required" && !saysVersion(raw)) throw new Problem("version_required");
  if (operation.kind === "command" && !isKey(call.idempotencyKey)) throw new Problem("idempotency_key_invalid");
  return parsed(operation, raw);
}

/** Parses what came in. @throws invalid_input, with a pointer to each field that is wrong */
function parsed(operation: Operation, raw: unknown): unknown {
  const result = operation.input.safeParse(raw);
  if (result.success) return result.data;
  throw new Problem("invalid_input", { errors: result.error.issues.flatMap(fieldErrors).slice(0, mostErrors) });
}

/** Whether the caller said which version it saw. Judged before parsing: 428 comes before 400. */
const saysVersion = (raw: unknown): boolean => typeof raw === "object" && raw !== null && Object.hasOwn(raw, "version");
/** None is right too. A read has no use for one. */
const isKey = (key: string | null) => key === null || /^[\x21-\x7e]{1,255}$/.test(key);

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
