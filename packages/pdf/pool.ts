import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { DocumentInput, Made } from "./input.ts";
import { NotRendered } from "./refusal.ts";
import type { Answer } from "./worker.ts";

export type PoolOptions = {
  /** Threads at once. By default half of the processors: the other half serves callers. */
  threads?: number;
  /** How many documents may wait for a thread. */
  waiting?: number;
  /** How long one may take, without its waiting. */
  timeoutMs?: number;
  /** How large the heap of a thread may grow. */
  memoryMb?: number;
  /** After so long without work a thread ends and gives its memory back. */
  idleMs?: number;
};
export type Pool = {
  /**
   * Makes a document in a thread.
   * @throws {NotRendered} `too_long` for a document of too many pages; `timed_out`, `crashed` and `busy` where another try may go well.
   */
  render(input: DocumentInput): Promise<Made>;
  /** Ends all threads; what is being made is refused as `crashed`. */
  stop(): Promise<void>;
};

declare const DAIS_BUNDLED: boolean | undefined;
// Beside the bundled server lies the bundled worker.
const entry = typeof DAIS_BUNDLED === "undefined" ? "./worker.ts" : "./pdf-worker.mjs";

type Task = { input: DocumentInput; resolve(made: Made): void; reject(error: Error): void };
type Thread = { worker: Worker; task: Task | null; timer: NodeJS.Timeout | null };

/** Opens a pool. It costs nothing until the first document: threads begin with work. */
export function openPool({
  threads = Math.max(1, Math.floor(availableParallelism() / 2)),
  waiting = 32,
  timeoutMs = 30_000,
  memoryMb = 256,
  idleMs = 30_000,
}: PoolOptions = {}): Pool {
  const all = new Set<Thread>();
  const queue: Task[] = [];

  function next(): void {
    const idle = [...all].find(({ task }) => task === null);
    if (queue.length === 0 || (!idle && all.size >= threads)) return;
    begin(idle ?? open(), queue.shift() as Task);
    next();
  }

  function open(): Thread {
    const worker = new Worker(new URL(entry, import.meta.url), {
      name: "pdf",
      resourceLimits: { maxOldGenerationSizeMb: memoryMb, maxYoungGenerationSizeMb: 32 },
      // What a document may depend on comes in its input.
      env: {},
      execArgv: [],
    });
    const thread: Thread = { worker, task: null, timer: null };
    all.add(thread);
    worker.on("message", (answer: Answer) => settle(thread, answer));
    worker.on("error", (error) => lose(thread, new NotRendered("crashed", "The renderer died.", { cause: error })));
    worker.on("exit", () => lose(thread, new NotRendered("crashed", "The renderer died.")));
    return thread;
  }

  function begin(thread: Thread, task: Task): void {
    if (thread.timer) clearTimeout(thread.timer);
    thread.task = task;
    thread.worker.ref();
    thread.timer = setTimeout(() => {
      lose(thread, new NotRendered("timed_out", `The document took longer than ${timeoutMs} ms.`));
    }, timeoutMs);
    thread.worker.postMessage(task.input);
  }

  function settle(thread: Thread, answer: Answer): void {
    const { task } = thread;
    if (!task) return;
    if (thread.timer) clearTimeout(thread.timer);
    thread.task = null;
    // An idle thread keeps no process alive.
    thread.worker.unref();
    thread.timer = setTimeout(() => lose(thread), idleMs).unref();
    if ("made" in answer) task.resolve(answer.made);
    else if ("refused" in answer) task.reject(new NotRendered(answer.refused.code, answer.refused.message));
    else task.reject(Object.assign(new Error("The renderer failed."), { stack: `The renderer failed: ${answer.bug}` }));
    next();
  }

  /** A thread is gone, or ends here. Others take its place. */
  function lose(thread: Thread, error?: Error): void {
    if (!all.delete(thread)) return;
    if (thread.timer) clearTimeout(thread.timer);
    void thread.worker.terminate();
    if (error) thread.task?.reject(error);
    next();
  }

  return {
    render: (input) =>
      new Promise((resolve, reject) => {
        if (queue.length >= waiting) return reject(new NotRendered("busy", `${waiting} documents wait already.`));
        queue.push({ input, resolve, reject });
        next();
      }),
    async stop() {
      const stopped = new NotRendered("crashed", "The renderer is stopped.");
      for (const task of queue.splice(0)) task.reject(stopped);
      const threads = [...all];
      for (const thread of threads) lose(thread, stopped);
      await Promise.all(threads.map(({ worker }) => worker.terminate()));
    },
  };
}
