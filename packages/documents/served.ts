import { contract, operations, subscriptions } from "@dais/contracts";
import type { Operation, Subscription } from "@dais/contracts/kit/derive";

/** Whatever has an address: operations and subscriptions, in the order of the contract. */
export type Served = Operation | Subscription;

export const served: readonly Served[] = Object.keys(contract._def.procedures as object).flatMap(
  (path): Served | [] => operations.get(path) ?? subscriptions.get(path) ?? [],
);
