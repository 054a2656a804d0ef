import type { Log } from "@dais/kernel/context";

/** Does one organisation's share of something. What is thrown is logged, comes again with the next look, and keeps no other from theirs. */
export async function turn(log: Log, what: string, of: object, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    log.warn({ err: error, ...of }, `${what} failed, and is tried again`);
  }
}
