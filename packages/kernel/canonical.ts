import { hash } from "node:crypto";

/**
 * The one JSON text of a value, whatever the order of its keys. Keys whose value is undefined are left out.
 * ECMAScript's own number and string forms are the ones that the standard asks for.
 * @see RFC 8785 (JCS)
 */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item ?? null)).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value ?? null);
  const fields = value as Record<string, unknown>;
  let text = "";
  for (const key of Object.keys(fields).sort()) {
    if (fields[key] !== undefined) text += `${text && ","}${JSON.stringify(key)}:${canonical(fields[key])}`;
  }
  return `{${text}}`;
}

/** SHA-256 in hexadecimal. */
export const sha256 = (text: string | Uint8Array): string => hash("sha256", text, "hex");

/** SHA-256 over the canonical JSON of a value. */
export const digest = (value: unknown): string => sha256(canonical(value));
