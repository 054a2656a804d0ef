import { initTRPC, type TRPCMutationProcedure, type TRPCQueryProcedure } from "@trpc/server";
import type { z } from "zod";
import type { BaseCode, ProblemDocument, ProblemSpec } from "./problems.ts";

/** The only thing a contract knows of the server: somewhere to send the call, and what an error means to the caller. */
export type ContractContext = {
  /** The input is read when its turn comes. */
  dispatch(path: string, readInput: () => Promise<unknown>): Promise<unknown>;
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
  /** REST path of what was made, with names of the output's fields: `/signals/{id}`. Sent as `Location`. */
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
  /** Media types of an upload's body, instead of JSON. */
  upload: readonly string[];
};

type Types<In, Out, Parsed, Returned, Code> = {
  input: In;
  output: Out;
  parsed: Parsed;
  returned: Returned;
  code: Code;
};

/** A read. Evaluated types instead of schemas: several times fewer types in whoever imports the contract. */
export interface Query<In, Out, Parsed, Returned, Code extends string>
  extends TRPCQueryProcedure<{ input: In; output: Out; meta: OperationMeta }> {
  readonly $types?: Types<In, Out, Parsed, Returned, Code>;
}
/** A change. */
export interface Command<In, Out, Parsed, Returned, Code extends string>
  extends TRPCMutationProcedure<{ input: In; output: Out; meta: OperationMeta }> {
  readonly $types?: Types<In, Out, Parsed, Returned, Code>;
}

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
  upload?: readonly string[];
};

const versioned = (schema: z.core.$ZodType) => "version" in ((schema as z.ZodObject).shape ?? {});

function describe(
  kind: "query" | "command",
  capability: Capability,
  spec: CommandSpec<z.core.$ZodType, z.core.$ZodType, string, string>,
): OperationMeta {
  const [method, path] = spec.rest.split(" ") as ["GET", `/${string}`];
  return {
    capability,
    openapi: { method, path, summary: spec.summary, description: spec.description, tags: [capability.name] },
    permission: spec.permission,
    rate: spec.rate ?? (kind === "query" ? "read" : "write"),
    problems: spec.problems ?? [],
    status: spec.status ?? 200,
    location: spec.location ?? null,
    etag: spec.etag ?? versioned(spec.output),
    version: spec.anyVersion ? "any" : kind === "command" && versioned(spec.input) ? "required" : "none",
    onStale: spec.onStale ?? "refuse",
    examples: spec.examples ?? [],
    deprecated: spec.deprecated ?? null,
    assurance: spec.assurance ?? null,
    agent: spec.agent ?? (kind === "query" ? "allow" : "deny"),
    mcp: spec.mcp ?? true,
    download: spec.download ?? [],
    upload: spec.upload ?? [],
  };
}

/** The procedure's schemas, where every generator of the tRPC world looks for them, without tRPC's own chain of parsers. */
function withSchemas<T>(procedure: { _def: object }, input: z.core.$ZodType, output: z.core.$ZodType): T {
  Object.assign(procedure._def, { inputs: [input], output });
  return procedure as T;
}

/** Every procedure's whole body. tRPC gives resolvers `getRawInput` without declaring it (a test holds it to that). */
const handOn = (o: { ctx: ContractContext; path: string }): Promise<never> =>
  o.ctx.dispatch(o.path, (o as unknown as { getRawInput: () => Promise<unknown> }).getRawInput) as Promise<never>;

/**
 * Opens a capability: its permissions and problems once, and typed makers for its operations.
 * An operation that names a permission or a problem which isn't declared here does not compile.
 */
export function capability<const P extends string, const C extends string>(
  spec: Capability & { permissions: Readonly<Record<P, string>>; problems: Readonly<Record<C, ProblemSpec>> },
) {
  return {
    /** Declares a read. It never changes state, and may be retried freely. */
    query: <I extends z.core.$ZodType, O extends z.core.$ZodType>(op: Spec<I, O, P, C>) =>
      withSchemas<Query<z.input<I>, z.output<O>, z.output<I>, z.input<O>, C>>(
        t.procedure.meta(describe("query", spec, op)).query(handOn),
        op.input,
        op.output,
      ),
    /** Declares a change: one transaction, at least one audit entry. */
    command: <I extends z.core.$ZodType, O extends z.core.$ZodType>(op: CommandSpec<I, O, P, C>) =>
      withSchemas<Command<z.input<I>, z.output<O>, z.output<I>, z.input<O>, C>>(
        t.procedure.meta(describe("command", spec, op)).mutation(handOn),
        op.input,
        op.output,
      ),
  };
}
