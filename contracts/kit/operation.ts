import {
  initTRPC,
  type TRPCMutationProcedure,
  type TRPCQueryProcedure,
  type TRPCSubscriptionProcedure,
} from "@trpc/server";
import type { z } from "zod";
import type { EventDeclaration } from "./event.ts";
import type { BaseCode, ProblemDocument, ProblemSpec } from "./problems.ts";

/** The only thing a contract knows of the server: somewhere to send the call, and what an error means to the caller. */
export type ContractContext = {
  /** The input is read when its turn comes. */
  dispatch(path: string, readInput: () => Promise<unknown>): Promise<unknown>;
  /** The messages of a subscription, in tRPC's form, until the signal aborts or there are no more. */
  subscribe(
    path: string,
    readInput: () => Promise<unknown>,
    signal: AbortSignal | undefined,
  ): Promise<AsyncIterable<unknown>>;
  problemOf(error: unknown): ProblemDocument;
};

/** What one capability declares once for all of its operations. */
export type Capability = {
  /** The plural noun that contract, table, module, test, tag and RPC path share. */
  name: string;
  title: string;
  about: string;
  /** `noun.verb` -> what who holds it may do. */
  permissions: Readonly<Record<string, string>>;
  problems: Readonly<Record<string, ProblemSpec>>;
  /** `noun.verbed` -> what is told when it has happened. */
  events?: Readonly<Record<string, EventDeclaration>>;
};

export type RateClass = "read" | "write" | "heavy" | "auth";
export type Rest = `${"GET" | "POST" | "PATCH" | "PUT" | "DELETE"} /${string}`;
export type Example = { title: string; input: Record<string, unknown>; output: unknown };

/** Everything an operation says of itself. Dispatch enforces it; documents, tools and tests are derived from it. */
export type OperationMeta = {
  capability: Capability;
  /** Read by trpc-to-openapi. */
  openapi: {
    method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
    path: `/${string}`;
    summary: string;
    description?: string;
    tags: string[];
  };
  /** Null: any signed-in caller. */
  permission: string | null;
  rate: RateClass;
  /** The codes of its own capability that it may answer with, beyond those that every operation may. */
  problems: readonly string[];
  status: 200 | 201 | 202 | 204;
  /** REST path of what was made, or of what to watch (202), with names of the output's fields: `/signals/{id}`. Sent as `Location`. */
  location: `/${string}` | null;
  /** The output has a `version` that makes its strong ETag. */
  etag: boolean;
  /** `required`: 428 without `version` or `If-Match`. `any`: changes whatever version is there. `none`: changes nothing that exists. */
  version: "required" | "any" | "none";
  onStale: "refuse" | "merge";
  examples: readonly Example[];
  deprecated: { since: string; sunset: string; use: string } | null;
  /** A person must have proven themselves with a second factor within `maxAgeSeconds`. */
  assurance: { mfa: true; maxAgeSeconds: number } | null;
  /** What an agent may do with it: call it, only propose it to a person, or neither. */
  agent: "allow" | "propose" | "deny";
  /** Whether it is an MCP tool. */
  mcp: boolean;
  /** Media types that REST sends as bytes when `Accept` asks for them; the output is a Download. */
  download: readonly string[];
  /** Takes a document instead of JSON; null where it doesn't. */
  upload: Upload | null;
};

/**
 * A command that is given a document. REST takes it as the body, in one of these media types, and the other fields as parameters; other
 * faces take it as text, in a field of the input.
 */
export type Upload = {
  field: string;
  types: readonly string[];
  /** Of a body at most. Text in a field has its own bound, and that of JSON bodies. */
  bytes: number;
};

type Types<In, Out, Parsed, Returned, Code, Agent = "allow"> = {
  input: In;
  output: Out;
  parsed: Parsed;
  returned: Returned;
  code: Code;
  /** What an agent may do with it. */
  agent: Agent;
};

/** A read. Evaluated types instead of schemas: several times fewer types in whoever imports the contract. */
export interface Query<In, Out, Parsed, Returned, Code extends string>
  extends TRPCQueryProcedure<{ input: In; output: Out; meta: OperationMeta }> {
  readonly $types?: Types<In, Out, Parsed, Returned, Code>;
}
/** A change. */
export interface Command<In, Out, Parsed, Returned, Code extends string, Agent extends OperationMeta["agent"]>
  extends TRPCMutationProcedure<{ input: In; output: Out; meta: OperationMeta }> {
  readonly $types?: Types<In, Out, Parsed, Returned, Code, Agent>;
}
/** A message as tRPC's client hands it out: with the id after which to go on. */
export type Tracked<Out> = { id: string; data: Out };
/** What is told as it happens, a message at a time. Modules owe nothing for it: the kernel serves it from what they emit. */
export interface Subscribable<In, Out>
  extends TRPCSubscriptionProcedure<{ input: In; output: AsyncIterable<Tracked<Out>>; meta: OperationMeta }> {}

const t = initTRPC
  .context<ContractContext>()
  .meta<OperationMeta>()
  .create({
    isDev: false,
    // The problem rides along as data, so that every face shows the same object.
    errorFormatter: ({ shape, error, ctx }) => ({
      ...shape,
      data: { ...shape.data, problem: ctx?.problemOf(error) ?? null },
    }),
  });
export const router = t.router;

type Spec<I extends z.core.$ZodType, O extends z.core.$ZodType, P extends string, C extends string> = {
  /** Method and path of the REST form, for example `GET /signals/{id}`. */
  rest: Rest;
  summary: string;
  description?: string;
  permission: P | null;
  problems?: readonly (C | BaseCode)[];
  rate?: RateClass;
  status?: OperationMeta["status"];
  location?: `/${string}`;
  etag?: boolean;
  examples?: readonly Example[];
  deprecated?: { since: string; sunset: string; use: string };
  assurance?: { mfa: true; maxAgeSeconds: number };
  agent?: OperationMeta["agent"];
  mcp?: boolean;
  download?: readonly string[];
  input: I;
  output: O;
};
type CommandSpec<I extends z.core.$ZodType, O extends z.core.$ZodType, P extends string, C extends string> = Spec<
  I,
  O,
  P,
  C
> & {
  /** The command changes what exists without asking for its version: revoke, stop, sign out, ingest. */
  anyVersion?: true;
  onStale?: "merge";
  upload?: Upload;
};

const versioned = (schema: z.core.$ZodType) => "version" in ((schema as z.ZodObject).shape ?? {});

function describe(
  kind: "query" | "command" | "subscription",
  capability: Capability,
  spec: CommandSpec<z.core.$ZodType, z.core.$ZodType, string, string>,
): OperationMeta {
  const [method, path] = spec.rest.split(" ") as ["GET", `/${string}`];
  return {
    capability,
    openapi: { method, path, summary: spec.summary, description: spec.description, tags: [capability.name] },
    permission: spec.permission,
    rate: spec.rate ?? (kind === "command" ? "write" : "read"),
    problems: spec.problems ?? [],
    status: spec.status ?? 200,
    location: spec.location ?? null,
    etag: spec.etag ?? (kind !== "subscription" && versioned(spec.output)),
    version: spec.anyVersion ? "any" : kind === "command" && versioned(spec.input) ? "required" : "none",
    onStale: spec.onStale ?? "refuse",
    examples: spec.examples ?? [],
    deprecated: spec.deprecated ?? null,
    assurance: spec.assurance ?? null,
    agent: spec.agent ?? (kind === "command" ? "deny" : "allow"),
    mcp: spec.mcp ?? kind !== "subscription",
    download: spec.download ?? [],
    upload: spec.upload ?? null,
  };
}

/** The procedure's schemas, where every generator of the tRPC world looks for them, without tRPC's own chain of parsers. */
function withSchemas<T>(procedure: { _def: object }, input: z.core.$ZodType, output: z.core.$ZodType): T {
  Object.assign(procedure._def, { inputs: [input], output });
  return procedure as T;
}

/** tRPC gives resolvers `getRawInput` without declaring it (a test holds it to that). */
const inputOf = (o: object) => (o as { getRawInput: () => Promise<unknown> }).getRawInput;

/** Every procedure's whole body. */
const handOn = (o: { ctx: ContractContext; path: string }): Promise<never> =>
  o.ctx.dispatch(o.path, inputOf(o)) as Promise<never>;

/** And a subscription's. */
const listen = (o: { ctx: ContractContext; path: string; signal: AbortSignal | undefined }) =>
  o.ctx.subscribe(o.path, inputOf(o), o.signal) as unknown as AsyncIterable<never>;

/**
 * Opens a capability: its permissions and problems once, and typed makers for its operations.
 * An operation that names a permission or a problem which isn't declared here does not compile.
 */
export function capability<
  const P extends string,
  const C extends string,
  // biome-ignore lint/complexity/noBannedTypes: a capability without events has a map without names.
  E extends Readonly<Record<string, EventDeclaration>> = {},
>(
  spec: Capability & {
    permissions: Readonly<Record<P, string>>;
    problems: Readonly<Record<C, ProblemSpec>>;
    events?: E;
  },
) {
  return {
    /** For its type, which tells `emit` the names and payloads. */
    events: spec.events as E,
    /** Declares a read. It never changes state, and may be retried freely. */
    query: <I extends z.core.$ZodType, O extends z.core.$ZodType>(op: Spec<I, O, P, C>) =>
      withSchemas<Query<z.input<I>, z.output<O>, z.output<I>, z.input<O>, C>>(
        t.procedure.meta(describe("query", spec, op)).query(handOn),
        op.input,
        op.output,
      ),
    /** Declares a change: one transaction, at least one audit entry. */
    command: <I extends z.core.$ZodType, O extends z.core.$ZodType, const A extends OperationMeta["agent"] = "deny">(
      op: CommandSpec<I, O, P, C> & { agent?: A },
    ) =>
      withSchemas<Command<z.input<I>, z.output<O>, z.output<I>, z.input<O>, C, A>>(
        t.procedure.meta(describe("command", spec, op)).mutation(handOn),
        op.input,
        op.output,
      ),
    /** Declares a stream. Its output is one message. */
    subscription: <I extends z.core.$ZodType, O extends z.core.$ZodType>(op: Spec<I, O, P, C>) =>
      withSchemas<Subscribable<z.input<I>, z.output<O>>>(
        t.procedure.meta(describe("subscription", spec, op)).subscription(listen),
        op.input,
        op.output,
      ),
  };
}
