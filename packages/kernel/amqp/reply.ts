import type { CommandReply } from "@dais/contracts/kit/command-message";
import type { Outcome } from "./commands.ts";
import type { Incoming, Outgoing } from "./port.ts";

/** The answer to a message that asks for one, and may; null where there is none to send. */
export function replyTo({ replyTo: to, correlationId, messageId }: Incoming, outcome: Outcome): Outgoing | null {
  if (to === null || outcome.code === "reply_to_not_allowed") return null;
  const { operation, code, problem, output = null } = outcome;
  const said: CommandReply = {
    operation,
    output,
    problem: outcome.kind === "done" ? null : { ...problem?.extensions, code, status: problem?.status ?? null },
  };
  return {
    exchange: "",
    routingKey: to,
    body: Buffer.from(JSON.stringify(said)),
    contentType: "application/json",
    ...((correlationId ?? messageId) !== null && { correlationId: (correlationId ?? messageId) as string }),
  };
}
