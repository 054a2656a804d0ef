import type { Operation } from "@dais/contracts/kit/derive";
import type { Actor } from "./context.ts";
import { Problem } from "./problem.ts";

/** Why an actor may not call an operation, or null: permission, then agent policy, then proof. */
export function refusalOf({ meta }: Operation, actor: Pick<Actor, "kind" | "permissions">): Problem | null {
  if (meta.permission && !actor.permissions.has(meta.permission))
    return new Problem("forbidden", { permission: meta.permission });
  if (actor.kind === "agent" && meta.agent === "deny") return new Problem("agent_denied");
  if (actor.kind === "agent" && meta.agent === "propose") return new Problem("proposal_required");
  if (meta.assurance && actor.kind !== "user") return new Problem("person_required");
  return null;
}
