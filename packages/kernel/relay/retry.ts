import { codeOf, rootOf } from "../faults.ts";
import { Problem } from "../problem.ts";

/** When what has failed is tried again. */
export type Patience = {
  /** After so many failures an event is given up for the target. */
  attempts: number;
  /** Until the second attempt; twice as long before each further one. */
  firstMs: number;
  mostMs: number;
  /** A delivery that takes longer has failed. Longer than a transaction may stand idle (see lane.ts). */
  limitMs: number;
};

/** About nine minutes in all: longer than a restart of what a handler stands on, shorter than anybody's patience. */
export const usualPatience: Patience = {
  attempts: 10,
  firstMs: 1000,
  mostMs: 300_000,
  limitMs: 30_000,
};

/** How long to wait after the nth failure: doubling, and up to a quarter more, so that what failed together doesn't come back together. */
export function waitMs(
  { firstMs, mostMs }: Pick<Patience, "firstMs" | "mostMs">,
  failures: number,
  random: () => number,
) {
  return Math.round(Math.min(mostMs, firstMs * 2 ** (failures - 1)) * (1 + random() / 4));
}

/** Whatever was thrown, as a code that tells no secret: of a problem, of Postgres or a socket, or the error's name. */
export function errorCode(thrown: unknown): string {
  const error = rootOf(thrown);
  if (error instanceof Problem) return error.code;
  const code = codeOf(error);
  if (/^[0-9A-Z_]{3,40}$/.test(code)) return code;
  const { name } = error instanceof Error ? error : { name: "unknown" };
  return /^\w{1,60}$/.test(name) ? name : "unknown";
}

/** The same promise, refused where it takes longer. What it does goes on, and finds its event taken or free. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(Object.assign(new Error(`not done after ${ms} ms`), { code: "TOO_LATE" })), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
