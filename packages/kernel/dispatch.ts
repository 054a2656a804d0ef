import type { Operation } from "@dais/contracts/kit/derive";
import { problemsOf } from "@dais/contracts/kit/possible";
import type { Provenance } from "./audit.ts";
import { refusedRow } from "./audit.ts";
import { type Admission, authenticator, type Identity } from "./authenticate.ts";
import { digest } from "./canonical.ts";
import { coalescer } from "./coalesce.ts";
import { type Ctx, type Log, type Modules, visibleTo } from "./context.ts";
import { faultOf, rootOf } from "./faults.ts";
import type { Gate, Limit } from "./gate.ts";
import type { Claim } from "./idempotency.ts";
import { type Sources, uuidMaker } from "./ids.ts";
import { inFlight } from "./inflight.ts";
import { accepted } from "./input.ts";
import type { Lane } from "./lane.ts";
import { refusalOf } from "./permit.ts";
import type { Pool } from "./pool.ts";
import { Problem } from "./problem.ts";
import { refusals } from "./refusals.ts";
import { withoutSecrets } from "./secrets.ts";
import { committed, type Outcome, readOnly } from "./transaction.ts";

/** One call, as a face hands it on. */
export type Call = {
  /** RPC path: `signals.acknowledge`. */
  operation: string;
  /** Reads the raw input when its turn comes. May throw what is wrong with the body. */
  readInput(): unknown | Promise<unknown>;
  /** The API key's text, or null. */
  credential: string | null;
  idempotencyKey: string | null;
  requestId: string;
  traceparent: string | null;
  address: string;
  /** What `admit` answered for this same request. It stands for an operation of its class; others ask the gate themselves. */
  admission?: Admission;
};

/** Whether a caller was let in before its operation is known. `limit` is null where the caller is unknown. */
export type Entry = { problem: null; limit: Limit; admission: Admission } | { problem: Problem; limit: Limit | null };

/** What became of it. `limit` is null where the caller is unknown. Nothing is ever thrown at a face. */
export type Answer = { limit: Limit | null; actorId: string | null; tenantId: string | null } & (
  | { problem: null; output: unknown; replayed: boolean }
  | { problem: Problem }
);

export type KernelOptions = {
  operations: ReadonlyMap<string, Operation>;
  modules: Modules;
  app: Pool;
  system: Pool;
  gate: Gate;
  sources: Sources;
  log: Log;
  cursorKey: Uint8Array;
  most: { process: number; tenant: number };
  /** An answer that the contract doesn't name is a bug. True: it answers 500. False: it is logged, and the caller gets it. */
  strict: boolean;
};

export type Kernel = {
  dispatch(call: Call): Promise<Answer>;
  /**
   * Lets a caller in whose operation only its body tells, or who calls none: checks the credential and takes one off the
   * allowance of class `read`. Hand the admission on with the call, so that a read counts once. Never throws; strangers are noted
   * as `dispatch` notes them.
   */
  admit(caller: Pick<Call, "credential" | "address" | "requestId">): Promise<Entry>;
  inFlight(): number;
  settle(): Promise<void>;
  close(): Promise<void>;
};

/** The single road from every face to every module. */
export function kernel(options: KernelOptions): Kernel {
  const { app, gate, sources, log } = options;
  const authenticate = authenticator(app, gate, sources.now);
  const flights = inFlight(options.most);
  const coalesce = coalescer<Outcome>();
  const refused = refusals(app, options.system, log);
  const newId = uuidMaker(sources);

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

  async function serve(operation: Operation, call: Call, identity: Identity, now: Date): Promise<Outcome> {
    const { actor, tenant } = identity;
    const refusal = refusalOf(operation, actor);
    if (refusal) throw refusal;
    const input = await accepted(operation, call);
    const [capability, name] = operation.path.split(".") as [keyof Modules, never];
    const handler = options.modules[capability][name] as (ctx: Ctx, input: unknown) => Promise<unknown>;
    const context = (lane: Lane): Ctx => ({
      operation,
      tenant,
      actor,
      visible: visibleTo(tenant.levels, actor.clearance),
      db: lane.db,
      send: lane.ask,
      now,
      newId,
      cursors: { key: options.cursorKey },
      log,
      requestId: call.requestId,
      written: { entries: [], events: [], revoked: new Set() },
    });

    if (operation.kind === "query") {
      return app.hold(tenant.id, async (lane) => {
        const output = await readOnly(lane, tenant.id, () => handler(context(lane), input));
        return { output: operation.output.parse(output), replayed: false };
      });
    }

    const run = (key: Claim | null) =>
      app.hold(tenant.id, (lane) => {
        const ctx = context(lane);
        return committed(
          lane,
          ctx,
          { ...provenance(operation, call, identity, now), traceparent: call.traceparent },
          key,
          around,
          async () => {
            const output = operation.output.parse(await handler(ctx, input));
            return { output, stored: key && withoutSecrets(operation.output, output) };
          },
        );
      });
    if (call.idempotencyKey === null) return run(null);
    const claim: Claim = {
      tenantId: tenant.id,
      actorId: actor.id,
      operation: operation.path,
      key: call.idempotencyKey,
      requestHash: digest(input),
      at: now,
    };
    const same = [tenant.id, actor.id, operation.path, claim.key, claim.requestHash].join(" ");
    const { value, first } = await coalesce(same, () => run(claim));
    return first || value.replayed ? value : { output: withoutSecrets(operation.output, value.output), replayed: true };
  }

  const around = {
    beforeCommit: (ctx: Ctx) => bump(ctx),
    async afterCommit(ctx: Ctx) {
      // The effect is committed: a gate that went away just now refuses everybody anyway, and gets the bump when it is back.
      const again = (): Promise<void> => bump(ctx).catch(() => void setTimeout(again, 1000).unref());
      await again();
    },
  };
  const bump = (ctx: Ctx) =>
    gate
      .bump([...ctx.written.revoked].map((actorId) => ({ tenantId: ctx.tenant.id, actorId })))
      .catch(() => Promise.reject(new Problem("unavailable", { retryAfterSeconds: 2 })));

  const provenance = (operation: Operation, call: Call, { actor, tenant }: Identity, now: Date): Provenance => ({
    tenantId: tenant.id,
    operation: operation.path,
    action: operation.meta.permission ?? operation.path,
    actor,
    address: call.address,
    requestId: call.requestId,
    traceId: call.traceparent?.split("-")[1] ?? null,
    idempotencyKey: call.idempotencyKey,
    at: now,
    newId,
  });

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
      await refused.known(refusedRow(provenance(operation, call, identity, now), problem.code, problem.extensions));
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
