import { type ProblemCode, problems } from "@dais/contracts";
import type { Operation } from "@dais/contracts/kit/derive";
import { problemsOf } from "@dais/contracts/kit/possible";
import { type Extensions, Problem } from "@dais/kernel/problem";
import type { Fields } from "./examples.ts";
import type { Preferences } from "./preferences.ts";

/**
 * The problem that is asked for, by its code or by its status; null where none is, or where the status is the operation's success.
 * Of several with one status it is the capability's own.
 * @throws invalid_input, with the codes that there are, for one that the operation can't answer with
 */
export function asked(operation: Operation, wish: Pick<Preferences, "problem" | "code">): Problem | null {
  const { problem, code } = wish;
  if (problem === null && (code === null || code === String(operation.meta.status))) return null;
  const possible = problemsOf(operation) as ProblemCode[];
  const found = possible.filter((one) => (problem === null ? String(problems[one].status) === code : one === problem));
  const [first] = found.sort((a, b) => weight(operation, a) - weight(operation, b));
  if (first) return new Problem(first);
  const message = `${operation.path} can't answer so. It can with: ${possible.map((one) => `${problems[one].status} ${one}`).join(", ")}.`;
  throw new Problem("invalid_input", { errors: [{ pointer: "", code: "preference_impossible", message }] });
}

const weight = ({ meta }: Operation, code: ProblemCode) =>
  code in meta.capability.problems ? 0 : code === "invalid_input" || code === "forbidden" ? 1 : 2;

/** The same problem with what it usually says beyond its code: the field, the permission, the version that there is by now. */
export function detailed({ code, status }: Problem, operation: Operation, thing: Fields, input: Fields): Problem {
  const { meta, path } = operation;
  return new Problem(code, extensions());

  function extensions(): Extensions {
    if (status === 429 || status === 503 || code === "idempotency_in_progress") return { retryAfterSeconds: 2 };
    if (code === "forbidden") return { permission: meta.permission };
    if (code === "payload_too_large") return { limitBytes: 1_048_576 };
    if (code === "invalid_input") {
      const [field] = Object.keys(operation.input.shape);
      const pointer = field === undefined ? "" : `/${field}`;
      return { errors: [{ pointer, code: "custom", message: "Asked for with Prefer." }] };
    }
    const state = thing.state === undefined ? {} : { state: thing.state };
    if (status === 412) return { version: Number(input.version ?? thing.version ?? 1) + 1, ...state };
    if (code.endsWith("_wrong_state")) return { ...state, event: path.split(".")[1] };
    return {};
  }
}
