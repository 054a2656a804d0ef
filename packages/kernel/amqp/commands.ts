import { randomUUID } from "node:crypto";
import { operations } from "@dais/contracts";
import { CommandMessage, commandBytes, commandVersion } from "@dais/contracts/kit/command-message";
import { idOf } from "@dais/contracts/kit/ids";
import type { Answer, Kernel } from "../call.ts";
import { Problem } from "../problem.ts";
import type { Incoming } from "./port.ts";

/** An integration whose queue is read. */
export type Integration = { id: string; tenantId: string };

/**
 * What became of a message. `later`: what we stand on is away, the caller's allowance is used up, or another process is at this very
 * command. `again`: worth another attempt.
 */
export type Outcome = { kind: "done" | "later" | "again" | "dead"; code: string } & {
  operation: string | null;
  idempotencyKey: string | null;
  output?: unknown;
  problem?: Problem;
};

export type Commanding = {
  dispatch: Kernel["dispatch"];
  /** Parses JSON as every face does. @throws malformed_json */
  readJson(text: string): unknown;
};

/** Queues of an integration, by what they are for. Nobody has to look one up: their names follow from its id. */
export const queuesOf = ({ id }: Pick<Integration, "id">) => {
  const name = `dais.commands.${idOf("int", id)}`;
  return { commands: name, retry: `${name}.retry`, dead: `${name}.dead`, replies: `${name}.replies` };
};

/** Does what a message says, as its integration. Never throws. */
export async function command(of: Commanding, from: Integration, message: Incoming): Promise<Outcome> {
  const refused = (code: string, problem?: Problem): Outcome => ({
    ...{ kind: "dead", code, operation: null, idempotencyKey: null },
    ...(problem && { problem }),
  });
  if (!mayAnswer(from, message)) return refused("reply_to_not_allowed");
  if (message.body.length > commandBytes) return refused("payload_too_large", new Problem("payload_too_large"));
  const read = readable(of, message);
  if ("code" in read) return refused(read.code, read.problem);
  const { operation, idempotencyKey, input } = read.command;
  const its = { operation, idempotencyKey };
  if (operations.get(operation)?.kind !== "command")
    return { ...its, kind: "dead", code: "unknown_operation", problem: new Problem("not_found") };
  const answer = await of.dispatch({
    operation,
    readInput: () => input,
    credential: { scheme: "queue", text: `${from.tenantId} ${from.id}` },
    foreign: null,
    idempotencyKey,
    requestId: randomUUID(),
    traceparent: traceparentOf(message),
    address: `amqp:${idOf("int", from.id)}`,
  });
  const { problem } = answer;
  if (!problem) return { ...its, kind: "done", code: "", output: answer.output };
  return { ...its, kind: kindOf(answer, problem), code: problem.code, problem };
}

/** A caller that nobody knows is one whose key is over: to come back would not help. */
function kindOf({ actorId }: Answer, { status, code }: Problem): Outcome["kind"] {
  if (code === "unavailable" || code === "idempotency_in_progress") return "later";
  if (code === "rate_limited" && actorId !== null) return "later";
  return status >= 500 ? "again" : "dead";
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

type Read = { command: CommandMessage } | { code: string; problem?: Problem };

function readable({ readJson }: Commanding, { body }: Incoming): Read {
  try {
    const said = readJson(utf8.decode(body)) as { version?: unknown } | null;
    const version = typeof said === "object" ? said?.version : undefined;
    if (typeof version === "number" && version !== commandVersion) return { code: "unknown_version" };
    const { success, data, error } = CommandMessage.safeParse(said);
    if (success) return { command: data };
    const errors = error.issues.slice(0, 20).map(({ path, code, message }) => ({
      ...{ pointer: path.map((part) => `/${String(part).slice(0, 100)}`).join(""), code, message },
    }));
    return { code: "invalid_input", problem: new Problem("invalid_input", { errors }) };
  } catch (error) {
    const problem = error instanceof Problem ? error : new Problem("malformed_json");
    return { code: problem.code, problem };
  }
}

/** An answer goes to the integration's own queue, or to whoever waits on the connection that asked: nowhere else. */
const mayAnswer = (from: Integration, { replyTo }: Incoming): boolean =>
  replyTo === null || replyTo === queuesOf(from).replies || /^amq\.rabbitmq\.reply-to\.[\w+/=.-]{1,200}$/.test(replyTo);

export function traceparentOf({ headers }: Pick<Incoming, "headers">): string | null {
  const { traceparent } = headers;
  const sane = typeof traceparent === "string" && /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/.test(traceparent);
  return sane ? traceparent : null;
}
