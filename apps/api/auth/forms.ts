import type { Kernel } from "@dais/kernel/dispatch";
import { Problem } from "@dais/kernel/problem";
import type { Context } from "hono";
import { bodyLimits, readForm } from "../body.ts";
import { type Env, field } from "../request.ts";

/** A logout token is the longest thing that is ever in one. */
const limits = { ...bodyLimits, bytes: 128 * 1024 };
const mostLength = 1000;

/** Reads a form that anybody may send. @throws unsupported_media_type, payload_too_large, body_timeout */
export const anyForm = (c: Context): Promise<URLSearchParams> => readForm(c, limits);

/**
 * The fields of a form of ours, cut to what a field of ours may be.
 * @throws origin_not_allowed where another site's page sent it, or a browser that doesn't say
 */
export async function ownForm(
  c: Context<Env>,
  { kernel, publicUrl }: { kernel: Pick<Kernel, "stranger">; publicUrl: string },
): Promise<(name: string) => string> {
  if (field(c, "origin") !== new URL(publicUrl).origin) {
    kernel.stranger("foreign_form", c.get("caller"));
    throw new Problem("origin_not_allowed", { header: "origin" });
  }
  const form = await anyForm(c);
  return (name) => (form.get(name) ?? "").slice(0, mostLength);
}
