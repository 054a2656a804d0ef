import type { Contract } from "@dais/contracts";
import type { Channel } from "@dais/contracts/dispatches/values";
import type { HandlersOf, ModulesOf, Operation } from "@dais/contracts/kit/derive";
import type { Entry } from "./audit.ts";
import type { File } from "./download.ts";
import type { Enqueued } from "./jobs.ts";
import type { Db, Rows } from "./lane.ts";
import type { Lent } from "./lent.ts";
import type { Event } from "./outbox.ts";
import type { Print } from "./print.ts";
import type { CarryOut } from "./proposals/carry-out.ts";
import type { Ending } from "./revoke.ts";
import type { Sessions } from "./sessions.ts";
import type { Found } from "./told.ts";
import type { Waiting } from "./waiting.ts";

/** Who calls. Refused by default: what isn't in `permissions` isn't allowed. */
export type Actor = {
  kind: "user" | "agent" | "client" | "system";
  /** A public id, for example `key_01h…` or `per_01h…`; of the system itself: `system`. */
  id: string;
  /** Keys of a person's roles, inherited ones included; of others none. */
  roles: readonly string[];
  permissions: ReadonlySet<string>;
  /** Key of the highest classification level that exists for this actor. */
  clearance: string;
  onBehalfOf: string | null;
  /**
   * Public ids of the people behind it: itself, whom it acts for, an agent's owner, a key's maker. Whoever of them had a hand in a thing
   * can't approve it through any of the others.
   */
  persons: readonly string[];
  /** Of a person who is signed in; others have none. */
  session: SignedIn | null;
  /** Public id of what it called with, where that isn't itself: a key of an agent's, or a program. */
  via?: string;
  /** Of a registered agent. */
  agent?: {
    model: string;
    version: string;
    /** `per_…`, who answers for it. */
    ownerId: string;
    /** For whom it may act, its owner included. */
    actsFor: readonly string[];
  };
  /** What an agent says, or was registered, to be: as its audit entries have it. */
  said?: { model: string | null; version: string | null };
  /** Of a person who came with a token of the issuer's instead of a session. */
  token?: {
    /** When the person last proved a second factor, or null. */
    provenAt: Date | null;
    /** Whether its scopes let everything through that the person may do. */
    whole: boolean;
  };
  /** Of a person: what others let them do for a time. Whether one is in force is judged at the call: `lentFor`. */
  lent?: readonly Lent[];
  /** The one of them by which this call is made. */
  delegation?: Lent;
};

/** A person's session, as a call knows it. */
export type SignedIn = {
  /** `ses_…` */
  id: string;
  /** When the person last proved a second factor, or null. */
  provenAt: Date | null;
};

/** The organisation that the caller's credential belongs to. */
export type Tenant = {
  /** The row's uuid. */
  id: string;
  slug: string;
  timeZone: string;
  /** Classification levels, lowest first. */
  levels: readonly string[];
  /** From which of them on, by its place, reads are kept on record. */
  readsFrom: number;
};

export type Log = Record<"debug" | "info" | "warn" | "error", (fields: object, message: string) => void>;

/** Everything a module may know about the call it serves. Always the first argument, always named `ctx`. */
export type Ctx = {
  /** What is being done: an operation's or a task's name. */
  readonly operation: Pick<Operation, "path">;
  /** Whether a change upon an older version may be merged: the operation says so, and the caller hasn't asked for that very version. */
  readonly merges: boolean;
  readonly tenant: Tenant;
  readonly actor: Actor;
  /** The levels that exist for the caller, lowest first. What lies above them is not there. */
  readonly visible: readonly string[];
  /** Drizzle on the call's own connection: the tenant is set, and in a command the transaction is open. */
  readonly db: Db;
  /** One prepared statement by its text, for what Drizzle can't say. */
  send(text: string, params: readonly unknown[]): Promise<Rows>;
  readonly now: Date;
  /** A new UUIDv7. */
  newId(): string;
  readonly cursors: { key: Uint8Array };
  /** Where callers reach the server, without a slash at the end. */
  readonly publicUrl: string;
  /** Where whoever is a recipient of a dispatch, by their uuid, says that it came: theirs alone to have. */
  linkOf(recipientId: string): string;
  /** Seals a text for the database; `about`: what it belongs to. Whoever needs it opens it, and never a module. */
  seal(text: string, about: string): string;
  /** Whether nothing may be sent to this address, as the operators and the DNS have it now. Ask before anything of the database. */
  refusesAddress(url: string): Promise<boolean>;
  /** Ways of reaching people that somebody carries here. */
  readonly channels: readonly Channel[];
  /** Makes a PDF. It takes seconds: a read does it `outside`, and a command never. */
  readonly print: Print;
  /** Gives a read's connection back: see `outside`. */
  leave(): void;
  readonly log: Log;
  readonly requestId: string;
  /** Does what an agent proposed, for the caller and within this change. */
  readonly carryOut: CarryOut;
  /** Where the sessions of people are. For reading: `endSessions` ends them. */
  readonly sessions: Pick<Sessions, "list">;
  /** Filled by `record`, `emit`, `enqueue`, `revoke`, `sendLast`, `endSessions` and `download`; dispatch writes them in the exchange that commits. */
  readonly written: Written;
};

/** What a handler noted. */
export type Written = {
  entries: Entry[];
  events: Event[];
  jobs: Enqueued[];
  revoked: Set<string>;
  ended: Ending[];
  /** By machine and thing: what it waits for now, or that it waits no more. */
  waiting: Map<string, readonly Waiting[]>;
  /** Of a read that answers with a Download. */
  file: File | null;
  /** What that file tells of, which the answer itself doesn't show. `always`: the read is kept on record, whatever it is, with the file's digest. */
  tells: (Found & { always?: boolean; sha256?: string }) | null;
  /** Statements that go out with the commit, in their order. */
  last: (() => Promise<Rows>)[];
};
export const nothingWritten = (): Written => ({
  entries: [],
  events: [],
  jobs: [],
  revoked: new Set(),
  ended: [],
  waiting: new Map(),
  file: null,
  tells: null,
  last: [],
});

/** The functions that a module owes its part of the contract. */
export type Handlers<R> = HandlersOf<Ctx, R>;
/** All of them. */
export type Modules = ModulesOf<Ctx, Contract>;

/** The levels at or below a clearance. An unknown clearance sees nothing. */
export const visibleTo = (levels: readonly string[], clearance: string): readonly string[] =>
  levels.slice(0, levels.indexOf(clearance) + 1);
