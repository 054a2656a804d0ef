import type { ProblemCode } from "@dais/contracts";
import { operations } from "@dais/contracts";
import type { Operation } from "@dais/contracts/kit/derive";
import type { Signal } from "@dais/contracts/signals";
import type { Ctx } from "@dais/kernel/context";
import { movesOf, target } from "@dais/kernel/machine";
import { refusalOf } from "@dais/kernel/permit";
import { machine, own } from "./machine.ts";

const events = [...new Set(movesOf(machine).map((move) => move.event))].filter((event) => !own.has(event));

/** Every event that callers send, whether the caller may send it now, and if not the problem that it would get. */
export function movesFor(ctx: Ctx, state: Signal["state"]) {
  return events.map((event) => {
    const operation = operations.get(`signals.${event}`) as Operation;
    const to = target(machine, state, event) as Signal["state"] | null;
    const refusal = refusalOf(operation, ctx.actor, ctx.now);
    const why: ProblemCode | null = refusal?.code ?? (to ? null : "signal_wrong_state");
    return { event, to, allowed: why === null, why };
  });
}
