import type { DocumentInput, Made } from "./input.ts";
import { openPool, type Pool } from "./pool.ts";

let pool: Pool | undefined;

/**
 * Makes a PDF of a briefing, in a thread of its own. The same input is the same bytes, in each process and on each machine.
 * @throws {NotRendered} with a `code`, see there
 */
export function render(input: DocumentInput): Promise<Made> {
  pool ??= openPool();
  return pool.render(input);
}

/** Ends the threads behind `render`, if there are any. The next document begins new ones. */
export async function stopRendering(): Promise<void> {
  const stopping = pool;
  pool = undefined;
  await stopping?.stop();
}
