import type { Contract } from "@dais/contracts";
import type { TRPCLink } from "@trpc/client";

/**
 * Lets a list be read by tRPC's infinite queries. They tell the server in which direction the reader goes; our lists go one way, and
 * refuse fields that they don't know. No read has a field of this name.
 */
export const withoutDirection: TRPCLink<Contract> =
  () =>
  ({ op, next }) =>
    next(op.type === "query" ? { ...op, input: rest(op.input) } : op);

function rest(input: unknown): unknown {
  if (typeof input !== "object" || input === null) return input;
  const { direction: _, ...others } = input as { direction?: unknown };
  return others;
}
