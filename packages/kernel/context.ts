import type { Contract } from "@dais/contracts";
import type { HandlersOf, ModulesOf, Operation } from "@dais/contracts/kit/derive";
import type { Entry } from "./audit.ts";
import type { Db, Rows } from "./lane.ts";
import type { Event } from "./outbox.ts";

/** Who calls. Refused by default: what isn't in `permissions` isn't allowed. */
export type Actor = {
  kind: "user" | "agent" | "client" | "system";
  /** A public id, for example `key_01h…`. */
  id: string;
  permissions: ReadonlySet<string>;
  /** Key of the highest classification level that exists for this actor. */
  clearance: string;
  onBehalfOf: string | null;
};

/** The organisation that the caller's credential belongs to. */
export type Tenant = {
  /** The row's uuid. */
  id: string;
  slug: string;
  timeZone: string;
  /** Classification levels, lowest first. */
  levels: readonly string[];
};

export type Log = Record<"debug" | "info" | "warn" | "error", (fields: object, message: string) => void>;

/** Everything a module may know about the call it serves. Always the first argument, always named `ctx`. */
export type Ctx = {
  readonly operation: Operation;
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
  readonly log: Log;
  readonly requestId: string;
  /** Filled by `record`, `emit` and `revoke`; dispatch writes them in the exchange that commits. */
  readonly written: { entries: Entry[]; events: Event[]; revoked: Set<string> };
};

/** The functions that a module owes its part of the contract. */
export type Handlers<R> = HandlersOf<Ctx, R>;
/** All of them. */
export type Modules = ModulesOf<Ctx, Contract>;

/** The levels at or below a clearance. An unknown clearance sees nothing. */
export const visibleTo = (levels: readonly string[], clearance: string): readonly string[] =>
  levels.slice(0, levels.indexOf(clearance) + 1);
