import type { z } from "zod";

type Json = Record<string, unknown>;

/** The output with every `secret()` field null: what may be stored, and what a replay answers. */
export function withoutSecrets(schema: z.core.$ZodType, output: unknown): unknown {
  const secret = secretsOf(schema);
  if (secret.length === 0 || typeof output !== "object" || output === null) return output;
  return { ...(output as Json), ...Object.fromEntries(secret.map((field) => [field, null])) };
}

const known = new WeakMap<z.core.$ZodType, string[]>();

/** The names of a schema's secret fields. */
function secretsOf(schema: z.core.$ZodType): string[] {
  const found = known.get(schema);
  if (found) return found;
  const shape = ((schema as z.ZodObject).shape ?? {}) as Record<string, z.ZodType>;
  const secret = Object.keys(shape).filter((field) => shape[field]?.meta()?.["x-dais-secret"]);
  known.set(schema, secret);
  return secret;
}
