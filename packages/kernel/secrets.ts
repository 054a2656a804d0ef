import type { z } from "zod";

type Json = Record<string, unknown>;

/** The output with every `secret()` field null: what may be stored, and what a replay answers. */
export function withoutSecrets(schema: z.core.$ZodType, output: unknown): unknown {
  const shape = (schema as z.ZodObject).shape as Record<string, z.ZodType> | undefined;
  if (!shape || typeof output !== "object" || output === null) return output;
  const secret = Object.keys(shape).filter((field) => shape[field]?.meta()?.["x-dais-secret"]);
  if (secret.length === 0) return output;
  return { ...(output as Json), ...Object.fromEntries(secret.map((field) => [field, null])) };
}
