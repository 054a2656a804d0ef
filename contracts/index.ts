import { apiKeys } from "./apiKeys.ts";
import { entities } from "./entities.ts";
import { type CodesOf, operationsOf } from "./kit/derive.ts";
import { router } from "./kit/operation.ts";
import { type BaseCode, baseProblems, type ProblemSpec } from "./kit/problems.ts";
import { organisations } from "./organisations.ts";
import { posture } from "./posture.ts";
import { signals } from "./signals.ts";

/** The whole API. `typeof contract` is all that a TypeScript client needs. */
export const contract = router({ apiKeys, entities, organisations, posture, signals });
export type Contract = typeof contract;

/** Every operation, by RPC path. */
export const operations = operationsOf(contract);

/** Every capability, once. */
export const capabilities = [...new Set([...operations.values()].map((o) => o.meta.capability))];

export type ProblemCode = BaseCode | CodesOf<Contract>;

/** The catalogue of problems, by code. */
export const problems = Object.assign({}, baseProblems, ...capabilities.map((c) => c.problems)) as Readonly<
  Record<ProblemCode, ProblemSpec>
>;

/** Every permission -> what who holds it may do. */
export const permissions: Readonly<Record<string, string>> = Object.assign(
  {},
  ...capabilities.map((c) => c.permissions),
);
