import { DrizzleQueryError } from "drizzle-orm";
import { Problem } from "./problem.ts";

/** SQLSTATE of a Postgres error, or the code of a socket's. */
export const codeOf = (error: unknown): string => String((error as { code?: unknown } | null)?.code ?? "");

/** Constraint that a statement broke, or null. */
export const violated = (error: unknown): string | null =>
  codeOf(rootOf(error)).startsWith("23")
    ? ((rootOf(error) as { constraint_name?: string }).constraint_name ?? "")
    : null;

/** What was thrown first: Drizzle wraps it, and its message would carry the statement's parameters into the logs. */
export const rootOf = (error: unknown): unknown => (error instanceof DrizzleQueryError ? error.cause : error);

/** Lock not available, deadlock, serialization failure, cancelled by its time limit: worth another try. */
const busy = new Set(["55P03", "40P01", "40001", "57014"]);
/** The server or the way to it is gone: shutdown, crash, recovery, too many connections, and postgres.js's and Node's own. */
const away =
  /^(57P0[1-4]|08...|53300|CONNECTION_.*|CONNECT_TIMEOUT|ECONN.*|EPIPE|ENOENT|ENOTFOUND|ETIMEDOUT|EHOSTUNREACH)$/;

/** The problem behind a failed statement; what is none stays the error that it is, and answers 500. */
export function faultOf(thrown: unknown): unknown {
  const error = rootOf(thrown);
  if (error instanceof Problem) return error;
  const code = codeOf(error);
  if (busy.has(code)) return new Problem("busy", { retryAfterSeconds: 1 });
  if (away.test(code)) return new Problem("unavailable", { retryAfterSeconds: 2 });
  return error;
}

/** Runs a statement, and turns the constraint that it breaks into the problem that it means. */
export async function meaning<T>(problems: Readonly<Record<string, () => Problem>>, statement: Promise<T>): Promise<T> {
  try {
    return await statement;
  } catch (error) {
    const problem = problems[violated(error) ?? ""];
    throw problem ? problem() : error;
  }
}
