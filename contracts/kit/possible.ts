import { isMove } from "../workflows/derived.ts";
import type { Operation, Subscription } from "./derive.ts";
import type { OperationMeta } from "./operation.ts";
import { type BaseCode, baseProblems } from "./problems.ts";

/**
 * Every problem code that an operation may answer with, once each, on whatever face: THE list that documents print and
 * tests hold the server to. Codes of the operation's own are those that its contract names; the rest follow from what
 * the contract says of it. In the order in which they apply: the first that fits is the answer.
 */
export function problemsOf(operation: Operation | Subscription): string[] {
  const { meta } = operation;
  const codes = [...standardOf(operation), ...meta.problems];
  return [...new Set(codes)].sort((a, b) => rankOf(meta, a) - rankOf(meta, b));
}

/** What follows from permission, agent policy, proof, version, body and idempotency. */
function standardOf({ kind, meta, path }: Operation | Subscription): BaseCode[] {
  const codes: BaseCode[] = [
    "unauthenticated",
    "rate_limited",
    "busy",
    "on_behalf_of_denied",
    "agent_model_mismatch",
    "invalid_input",
    "not_acceptable",
    "unavailable",
    "internal",
  ];
  // What needs no permission is refused to a program that a person let do some things only.
  if (meta.permission !== null || kind === "command") codes.push("forbidden");
  if (meta.agent === "deny") codes.push("agent_denied");
  if (meta.agent === "propose") codes.push("proposal_required", "proposal_limit");
  if (meta.assurance !== null) codes.push("step_up_required", "person_required");
  if (isMove(path)) codes.push("delegation_entity");
  if (meta.version === "required") codes.push("version_required");
  if (kind !== "command") return codes;
  codes.push("origin_not_allowed"); // where the caller is a browser's session
  codes.push("idempotency_key_invalid", "idempotency_key_reused", "idempotency_in_progress");
  codes.push("payload_too_large", "unsupported_media_type", "body_timeout");
  // An upload's body is bytes, and its other fields come as parameters.
  if (meta.upload === null) codes.push("malformed_json");
  return codes;
}

/** The standard codes in the order of dispatch. A capability's own ones take the place of their status. */
const order: readonly BaseCode[] = [
  "unauthenticated",
  "rate_limited",
  "busy",
  "on_behalf_of_denied",
  "agent_model_mismatch",
  "origin_not_allowed",
  "forbidden",
  "agent_denied",
  "proposal_required",
  "person_required",
  "step_up_required",
  "not_acceptable",
  "payload_too_large",
  "unsupported_media_type",
  "body_timeout",
  "malformed_json",
  "version_required",
  "idempotency_key_invalid",
  "invalid_input",
  "invalid_cursor",
  "idempotency_in_progress",
  "idempotency_key_reused",
];
const ownStatuses = [404, 403, 412, 409, 422];

function rankOf(meta: OperationMeta, code: string): number {
  const place = order.indexOf(code as BaseCode);
  if (place !== -1) return place;
  const own = ownStatuses.indexOf(meta.capability.problems[code]?.status ?? 0);
  if (own !== -1) return order.length + own;
  return code in baseProblems ? 200 : 100;
}
