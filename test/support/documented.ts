import { operations, type ProblemCode, problems } from "@dais/contracts";
import type { Operation } from "@dais/contracts/kit/derive";
import { problemsOf } from "@dais/contracts/kit/possible";
import { Proposal } from "@dais/contracts/proposals";

type Answered = { status: number; headers: Headers; body: Record<string, unknown> };

// The address with the fewest parameters is the one meant: /organisations/current before /organisations/{id}.
const parameters = ({ meta }: Operation) => meta.openapi.path.split("{").length;
const addresses = [...operations.values()]
  .sort((a, b) => parameters(a) - parameters(b))
  .map((operation) => ({
    operation,
    form: new RegExp(`^${operation.meta.openapi.path.replace(/\{\w+\}/g, "[^/]+")}$`),
  }));

/**
 * Holds an answer of the REST face to the contract: a status that the operation has, an output of its schema and nothing beside it,
 * or one of its problems. What is no operation's address is let pass.
 */
export function documented(method: string, path: string, answer: Answered): void {
  const operation = addresses.find(
    (one) => one.operation.meta.openapi.method === method && one.form.test(path.split("?")[0] as string),
  )?.operation;
  const wrong = operation && (answer.status < 400 ? wrongOutput(operation, answer) : wrongProblem(operation, answer));
  if (wrong)
    throw new Error(
      `${operation.path} answered ${answer.status}, ${wrong}: ${JSON.stringify(answer.body).slice(0, 500)}`,
    );
}

/** An agent's call, where the contract lets it propose only. */
function wrongProposal({ status, headers, body }: Answered): string | null {
  if (status !== 202) return "and its proposal is 202";
  if (headers.get("location") !== `/v1/proposals/${body.id}`) return "without the Location of its proposal";
  return isExactly(Proposal, body);
}

function wrongOutput(operation: Operation, answer: Answered): string | null {
  const { kind, meta, output } = operation;
  const { status, headers, body } = answer;
  if (meta.agent === "propose" && String(body.id).startsWith("prp_")) return wrongProposal(answer);
  if (status === 304) return kind === "query" && meta.etag ? null : "but its contract has no ETag";
  const unchanged = meta.status === 201 && body.changed === false;
  if (status !== (unchanged ? 200 : meta.status)) return `but its contract says ${meta.status}`;
  if (meta.etag && headers.get("etag") !== `"${body.version}"`) return "without the ETag of its version";
  if (((status === 201 || status === 202) && meta.location !== null) !== headers.has("location"))
    return "with a Location too many or too few";
  return isExactly(output, body);
}

function isExactly(output: Operation["output"], body: Record<string, unknown>): string | null {
  const parsed = output.safeParse(body);
  if (!parsed.success) return `not in its output's form (${parsed.error.message})`;
  return JSON.stringify(sorted(parsed.data)) === JSON.stringify(sorted(body))
    ? null
    : "with fields that its contract doesn't name";
}

function wrongProblem(operation: Operation, { status, headers, body }: Answered): string | null {
  const code = body.code as ProblemCode;
  if (code === "internal") return "a bug";
  if (!problemsOf(operation).includes(code)) return `with the problem ${code}, which its contract doesn't name`;
  if (problems[code].status !== status || body.status !== status) return `which is not the status of ${code}`;
  return headers.get("content-type") === "application/problem+json" ? null : "not as problem+json";
}

/** The same value with its keys in order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, one]) => [name, sorted(one)]),
  );
}
