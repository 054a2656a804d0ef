import type { Operation } from "@dais/contracts/kit/derive";
import { problemsOf } from "@dais/contracts/kit/possible";
import { refusedRow } from "./audit.ts";
import { authenticator, type Identity } from "./authenticate.ts";
import type { Answer, Call, Entry, Kernel, KernelOptions } from "./call.ts";
import { faultOf, rootOf } from "./faults.ts";
import type { Limit } from "./gate.ts";
import { uuidMaker } from "./ids.ts";
import { inFlight } from "./inflight.ts";
import { Problem } from "./problem.ts";
import { refusals } from "./refusals.ts";
import { provenance, serving } from "./serve.ts";

export type { Answer, Call, Entry, Kernel, KernelOptions } from "./call.ts";

/** The single road from every face to every module. */
export function kernel(options: KernelOptions): Kernel {
  const { app, gate, sources, log } = options;
  const authenticate = authenticator(app, gate, sources.now);
  const flights = inFlight(options.most);
  const refused = refusals(app, options.system, log);
  const newId = uuidMaker(sources);
  const serve = serving(options, newId);

  async function dispatch(call: Call): Promise<Answer> {
    const operation = options.operations.get(call.operation);
    if (!operation) return { limit: null, actorId: null, tenantId: null, problem: new Problem("not_found") };
    const now = sources.now();
    let limit: Limit | null = null;
    let identity: Identity | null = null;
    let leave: (() => void) | null = null;
    try {
      leave = flights.enter();
      const { rate } = operation.meta;
      const admission =
        call.admission?.limit.class === rate ? call.admission : await authenticate(call.credential, rate, call.address);
      ({ limit, identity } = admission);
      if (!limit.allowed) throw usedUp(limit);
      const known = identity;
      const outcome = await flights.run(known.tenant.id, () => serve(operation, call, known, now));
      return { limit, actorId: known.actor.id, tenantId: known.tenant.id, problem: null, ...outcome };
    } catch (error) {
      const problem = problemOf(operation, call, error);
      await note(operation, call, identity, problem, now);
      return { limit, actorId: identity?.actor.id ?? null, tenantId: identity?.tenant.id ?? null, problem };
    } finally {
      leave?.();
    }
  }

  async function admit(caller: Pick<Call, "credential" | "address" | "requestId">): Promise<Entry> {
    try {
      flights.room();
      const admission = await authenticate(caller.credential, "read", caller.address);
      const { limit } = admission;
      return limit.allowed ? { problem: null, limit, admission } : { problem: usedUp(limit), limit };
    } catch (error) {
      const fault = faultOf(error);
      const problem = fault instanceof Problem ? fault : bug({ requestId: caller.requestId }, error);
      noteStranger(caller, problem, sources.now());
      return { problem, limit: null };
    }
  }

  function problemOf(operation: Operation, call: Call, error: unknown): Problem {
    const fault = faultOf(error);
    const fields = { requestId: call.requestId, operation: operation.path };
    if (!(fault instanceof Problem)) return bug(fields, error);
    // Broken JSON can reach any operation by tRPC's `?input=`, also one whose REST form has no body.
    if (fault.code === "malformed_json" || problemsOf(operation).includes(fault.code)) return fault;
    log.error({ ...fields, code: fault.code }, "a bug: the contract doesn't name this problem");
    return options.strict ? new Problem("internal") : fault;
  }

  async function note(
    operation: Operation,
    call: Call,
    identity: Identity | null,
    problem: Problem,
    now: Date,
  ): Promise<void> {
    if (!identity) {
      noteStranger(call, problem, now);
    } else if (problem.status === 403 || problem.code === "step_up_required") {
      await refused.known(
        refusedRow(provenance(operation, call, identity, now, newId), problem.code, problem.extensions),
      );
    }
  }

  function noteStranger(
    { credential, address, requestId }: Parameters<Kernel["admit"]>[0],
    problem: Problem,
    at: Date,
  ): void {
    if (problem.code !== "unauthenticated" && problem.code !== "rate_limited") return;
    refused.stranger({ kind: credential === null ? "no_credential" : "bad_credential", address, requestId, at });
  }

  function bug(fields: object, error: unknown): Problem {
    log.error({ ...fields, err: rootOf(error) }, "a bug: something else than a problem was thrown");
    return new Problem("internal");
  }

  return { dispatch, admit, inFlight: flights.count, settle: refused.flush, close: refused.close };
}

const usedUp = ({ resetSeconds }: Limit) => new Problem("rate_limited", { retryAfterSeconds: resetSeconds });
