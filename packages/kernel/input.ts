import type { Operation, Subscription } from "@dais/contracts/kit/derive";
import type { FieldError } from "@dais/contracts/kit/problems";
import type { z } from "zod";
import { sha256 } from "./canonical.ts";
import { Problem } from "./problem.ts";

const mostErrors = 20;

type Received = { readInput(): unknown | Promise<unknown>; idempotencyKey: string | null };

/**
 * Reads a call's input and parses it, judged in order: whether it says a version, its idempotency key's form, its fields.
 * @throws version_required, idempotency_key_invalid, invalid_input, and what reading throws
 */
export async function accepted(operation: Operation | Subscription, call: Received): Promise<unknown> {
  const raw = (await call.readInput()) ?? {};
  if (operation.meta.version === "required" && !saysVersion(raw)) throw new Problem("version_required");
  if (operation.kind === "command" && !isKey(call.idempotencyKey)) throw new Problem("idempotency_key_invalid");
  return parsed(operation, raw);
}

/** Parses what came in. @throws invalid_input, with a pointer to each field that is wrong */
function parsed(operation: Operation | Subscription, raw: unknown): unknown {
  const bytes = bytesIn(operation, raw);
  const result = operation.input.safeParse(bytes ? { ...(raw as object), ...inPlaceOf(bytes) } : raw);
  if (result.success) return bytes ? { ...result.data, ...bytes } : result.data;
  throw new Problem("invalid_input", { errors: result.error.issues.flatMap(fieldErrors).slice(0, mostErrors) });
}

/** The document of an upload, by its field, where a face took it as bytes: it has bounded them, and no schema can say more of them. */
function bytesIn({ meta }: Operation | Subscription, raw: unknown): Record<string, Uint8Array> | null {
  const { field } = meta.upload ?? {};
  const value = field && typeof raw === "object" && raw !== null ? (raw as Record<string, unknown>)[field] : null;
  return field && value instanceof Uint8Array ? { [field]: value } : null;
}
/** For the schema, which knows text: no document is no text. */
const inPlaceOf = (bytes: Record<string, Uint8Array>) =>
  Object.fromEntries(Object.entries(bytes).map(([field, { length }]) => [field, length > 0 ? "bytes" : ""]));

/** What a call asked for, to be compared with another one: a document stands there by its digest, the same for text and for bytes. */
export function asked({ meta }: Operation, input: unknown): unknown {
  const { field } = meta.upload ?? {};
  if (!field) return input;
  const fields = input as Record<string, unknown>;
  return { ...fields, [field]: sha256(fields[field] as string | Uint8Array) };
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
