import type { Operation } from "@dais/contracts/kit/derive";
import type { Actor } from "./context.ts";
import { Problem } from "./problem.ts";

type Caller = Pick<Actor, "kind" | "permissions" | "session" | "token" | "agent" | "delegation">;

/** Why an actor may not call an operation, or null: permission, their own or by delegation, then agent policy, then proof. */
export function refusalOf({ meta }: Pick<Operation, "meta">, actor: Caller, now: Date): Problem | null {
  if (meta.permission && !actor.permissions.has(meta.permission) && !actor.delegation?.moves.includes(meta.permission))
    return new Problem("forbidden", { permission: meta.permission });
  // What needs no permission is a person's own affair: not that of a program which they let do some things only.
  if (!meta.permission && meta.openapi.method !== "GET" && actor.token?.whole === false)
    return new Problem("forbidden", { permission: "access" });
  if (actor.kind === "agent" && meta.agent === "deny") return new Problem("agent_denied");
  // What a registered agent calls becomes a proposal: the proof is asked of who approves it.
  if (actor.kind === "agent" && meta.agent === "propose") return actor.agent ? null : new Problem("proposal_required");
  if (!meta.assurance) return null;
  const proof = actor.session ?? actor.token;
  if (actor.kind !== "user" || !proof) return new Problem("person_required");
  const { maxAgeSeconds } = meta.assurance;
  const age = now.getTime() - (proof.provenAt?.getTime() ?? Number.NEGATIVE_INFINITY);
  return age <= maxAgeSeconds * 1000
    ? null
    : new Problem("step_up_required", { maxAgeSeconds, stepUp: "/auth/step-up" });
}
