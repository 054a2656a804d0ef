import type { z } from "zod";
import type { OperationMeta } from "./operation.ts";

type AnyOperation = {
  readonly $types?: { input: unknown; output: unknown; parsed: unknown; returned: unknown; code: string };
};
type Record_<R> = R extends { _def: { record: infer T } } ? T : never;
type TypesOf<T> = T extends { readonly $types?: infer X } ? NonNullable<X> : never;

/** The functions that a router's module owes: one for each operation, same name. A missing one does not compile. */
export type HandlersOf<Ctx, R> = Handlers<Ctx, Record_<R>>;
type Handlers<Ctx, T> = {
  [K in keyof T as T[K] extends AnyOperation ? K : never]: TypesOf<T[K]> extends {
    parsed: infer In;
    returned: infer Out;
  }
    ? (ctx: Ctx, input: In) => Promise<Out>
    : never;
};

/** All modules of a contract. */
export type ModulesOf<Ctx, R> = { [K in keyof Record_<R>]: Handlers<Ctx, Record_<R>[K]> };

/** Every problem code that the contract's capabilities declare. */
export type CodesOf<R> = {
  [K in keyof Record_<R>]: { [L in keyof Record_<R>[K]]: CodeOf<Record_<R>[K][L]> }[keyof Record_<R>[K]];
}[keyof Record_<R>];
type CodeOf<T> = [TypesOf<T>] extends [never] ? never : TypesOf<T> extends { code: infer C extends string } ? C : never;

/** An operation as data: what dispatch, the faces and the generators work from. */
export type Operation = {
  /** RPC path: `signals.acknowledge`. */
  path: string;
  kind: "query" | "command";
  meta: OperationMeta;
  input: z.ZodObject;
  output: z.ZodType;
};

/** A subscription as data. Its output is one message. */
export type Subscription = Omit<Operation, "kind"> & { kind: "subscription" };

type Procedures = Record<string, { _def: { type: string; meta?: unknown; inputs: unknown[]; output?: unknown } }>;

type Derivable = { _def: { procedures: unknown } };

/** The operations of a contract, by RPC path, in the order of the contract. */
export const operationsOf = (contract: Derivable): ReadonlyMap<string, Operation> =>
  described(contract, { query: "query", mutation: "command" });

/** The subscriptions of a contract, which are no operations: nobody answers them once. */
export const subscriptionsOf = (contract: Derivable): ReadonlyMap<string, Subscription> =>
  described(contract, { subscription: "subscription" });

/** Those of a contract's procedures whose type has a name among `kinds`. */
function described<K extends string>(contract: Derivable, kinds: Record<string, K>) {
  const procedures = Object.entries(contract._def.procedures as Procedures);
  const some = procedures.flatMap(([path, { _def }]) => {
    const kind = kinds[_def.type];
    if (kind === undefined) return [];
    const input = _def.inputs[0] as z.ZodObject;
    return [[path, { path, kind, meta: _def.meta as OperationMeta, input, output: _def.output as z.ZodType }] as const];
  });
  return new Map(some);
}
