import type { Operation } from "@dais/contracts/kit/derive";
import type { Admission } from "./authenticate.ts";
import type { Log, Modules } from "./context.ts";
import type { Gate, Limit } from "./gate.ts";
import type { Sources } from "./ids.ts";
import type { Pool } from "./pool.ts";
import type { Problem } from "./problem.ts";

/** One call, as a face hands it on. */
export type Call = {
  /** RPC path: `signals.acknowledge`. */
  operation: string;
  /** Reads the raw input when its turn comes. May throw what is wrong with the body. */
  readInput(): unknown | Promise<unknown>;
  /** The API key's text, or null. */
  credential: string | null;
  idempotencyKey: string | null;
  requestId: string;
  traceparent: string | null;
  address: string;
  /** What `admit` answered for this same request. It stands for an operation of its class; others ask the gate themselves. */
  admission?: Admission;
};

/** Whether a caller was let in before its operation is known. `limit` is null where the caller is unknown. */
export type Entry = { problem: null; limit: Limit; admission: Admission } | { problem: Problem; limit: Limit | null };

/** What became of it. `limit` is null where the caller is unknown. Nothing is ever thrown at a face. */
export type Answer = { limit: Limit | null; actorId: string | null; tenantId: string | null } & (
  | { problem: null; output: unknown; replayed: boolean }
  | { problem: Problem }
);

export type KernelOptions = {
  operations: ReadonlyMap<string, Operation>;
  modules: Modules;
  app: Pool;
  system: Pool;
  gate: Gate;
  sources: Sources;
  log: Log;
  cursorKey: Uint8Array;
  most: { process: number; tenant: number };
  /** An answer that the contract doesn't name is a bug. True: it answers 500. False: it is logged, and the caller gets it. */
  strict: boolean;
};

export type Kernel = {
  dispatch(call: Call): Promise<Answer>;
  /**
   * Lets a caller in whose operation only its body tells, or who calls none: checks the credential and takes one off the
   * allowance of class `read`. Hand the admission on with the call, so that a read counts once. Never throws; strangers are noted
   * as `dispatch` notes them.
   */
  admit(caller: Pick<Call, "credential" | "address" | "requestId">): Promise<Entry>;
  inFlight(): number;
  settle(): Promise<void>;
  close(): Promise<void>;
};
