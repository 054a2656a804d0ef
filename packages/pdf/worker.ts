import { setPriority } from "node:os";
import { isMainThread, parentPort } from "node:worker_threads";
import { make } from "./document/make.ts";
import type { DocumentInput, Made } from "./input.ts";
import { NotRendered } from "./refusal.ts";

/** What a thread says of a document: it is made, it is refused, or making it hit a bug. */
export type Answer = { made: Made } | { refused: { code: NotRendered["code"]; message: string } } | { bug: string };

// Callers come first, three to one: a document beside a busy server still has time enough before its limit. On Linux this is about the calling
// thread alone; elsewhere it would be about the whole process. @see sched(7), setpriority(2)
if (!isMainThread && process.platform === "linux") setPriority(0, 5);

parentPort?.on("message", async (input: DocumentInput) => {
  try {
    const made = await make(input);
    parentPort?.postMessage({ made } satisfies Answer, [made.bytes.buffer as ArrayBuffer]);
  } catch (error) {
    const answer: Answer =
      error instanceof NotRendered
        ? { refused: { code: error.code, message: error.message } }
        : { bug: String(error instanceof Error ? error.stack : error) };
    parentPort?.postMessage(answer);
  }
});
