import type { Channel } from "@dais/contracts/dispatches/values";
import type { Operation, Subscription } from "@dais/contracts/kit/derive";
import type { Saying } from "./acting.ts";
import type { Admission } from "./authenticate.ts";
import type { Log, Modules } from "./context.ts";
import type { AcknowledgeLinks } from "./couriers/links.ts";
import type { Credential } from "./credential.ts";
import type { File } from "./download.ts";
import type { Gate, Limit } from "./gate.ts";
import type { Sources } from "./ids.ts";
import type { Pool } from "./pool.ts";
import type { Print } from "./print.ts";
import type { Problem } from "./problem.ts";
import type { Renew } from "./renewal.ts";
import type { Sealer } from "./seal.ts";
import type { Sessions } from "./sessions.ts";
import type { Message } from "./streams/message.ts";
import type { StreamOptions } from "./streams/streams.ts";
import type { Perform } from "./task.ts";
import type { ReadToken } from "./tokens.ts";

/** One call, as a face hands it on. */
export type Call = {
  /** RPC path: `signals.acknowledge`. */
  operation: string;
  /** Reads the raw input when its turn comes. May throw what is wrong with the body. */
  readInput(): unknown | Promise<unknown>;
  credential: Credential | null;
  /**
   * The header by which the request shows that another site's page may have sent it, or null. Only a session's cookie, which
   * browsers send along by themselves, makes it matter.
   */
  foreign: string | null;
  idempotencyKey: string | null;
  /** The version came as `If-Match`: upon any other nothing is done, also where the operation would merge. @see RFC 9110, 13.1.1 */
  exact?: boolean;
  /** What an agent says of itself. */
  saying?: Saying | null;
  requestId: string;
  traceparent: string | null;
  address: string;
  /** Filled in once its input is read: public id of the thing that it is about. */
  about?: { id: string | null };
  /** What `admit` answered for this same request. It stands for an operation of its class; others ask the gate themselves. */
  admission?: Admission;
};

/** Whether a caller was let in before its operation is known. `limit` is null where the caller is unknown. */
export type Entry = { problem: null; limit: Limit; admission: Admission } | { problem: Problem; limit: Limit | null };

/** What became of it. `limit` is null where the caller is unknown. Nothing is ever thrown at a face. */
export type Answer = { limit: Limit | null; actorId: string | null; tenantId: string | null } & (
  | {
      problem: null;
      output: unknown;
      replayed: boolean;
      /** An agent called what it may only propose: the output is the proposal, and nothing was done yet. */
      proposed?: boolean;
      /** The bytes that the output tells of, where it is a Download. */
      file?: File | null;
    }
  | { problem: Problem }
);

/** A call that wants to hear what happens. */
export type Listening = Call & {
  /** Closes the connection of a reader that doesn't read. */
  drop(): void;
};

/** The messages of a stream, until either side ends it: who has enough says so by `return`. */
export type Heard = { limit: Limit | null; actorId: string | null; tenantId: string | null } & (
  | { problem: null; messages: AsyncIterableIterator<Message> }
  | { problem: Problem }
);

export type KernelOptions = {
  operations: ReadonlyMap<string, Operation>;
  /** What can be listened to. Without `streams`, nobody is served. */
  subscriptions?: ReadonlyMap<string, Subscription>;
  streams?: StreamOptions | null;
  /** Where callers reach this server, without a slash at the end; needed by what shows addresses. */
  publicUrl?: string;
  modules: Modules;
  app: Pool;
  system: Pool;
  gate: Gate;
  sessions: Sessions;
  /** Renews the issuer's tokens of a session; without it they are taken as they are. */
  renew?: Renew;
  /** Reads the issuer's access tokens; without it none is good for anything. */
  tokens?: ReadToken;
  sources: Sources;
  log: Log;
  /** Told when a commit has written events, for whoever delivers them; it may be told for nothing. */
  emitted?: () => void;
  cursorKey: Uint8Array;
  most: { process: number; tenant: number };
  /** Seals secrets that are kept; without it there are none. */
  sealer?: Pick<Sealer, "seal">;
  /** Makes links by which recipients say that a message came; without it there are none. */
  links?: Pick<AcknowledgeLinks, "make">;
  /** Whether nothing may be sent to an address; without it, nobody is asked. */
  refusesAddress?: (url: string) => Promise<boolean>;
  /** Ways of reaching people that somebody carries; without it, all of them. */
  channels?: readonly Channel[];
  /** Makes PDFs; without it, there are none. */
  print?: Print;
  /** An answer that the contract doesn't name is a bug. True: it answers 500. False: it is logged, and the caller gets it. */
  strict: boolean;
};

export type Kernel = {
  dispatch(call: Call): Promise<Answer>;
  /** Opens a stream: judged as a call is, and then all the time. Never throws. */
  listen(call: Listening): Promise<Heard>;
  /**
   * Lets a caller in whose operation only its body tells, or who calls none: checks the credential and takes one off the
   * allowance of class `read`. Hand the admission on with the call, so that a read counts once. Never throws; strangers are noted
   * as `dispatch` notes them.
   */
  admit(caller: Pick<Call, "credential" | "address" | "requestId">): Promise<Entry>;
  /** Does the server's own work in a tenant, as actor `system`: the same transaction, audit and events as a command. */
  perform: Perform;
  /** Notes a refusal of somebody unknown that happened beside the faces, as `dispatch` notes those of its own. */
  stranger(kind: string, caller: Pick<Call, "address" | "requestId">): void;
  inFlight(): number;
  /** Open streams. */
  streams(): number;
  /** Ends all streams, and opens no more. */
  hush(): void;
  settle(): Promise<void>;
  close(): Promise<void>;
};
