import type { Operation, Subscription } from "@dais/contracts/kit/derive";
import { problemsOf } from "@dais/contracts/kit/possible";
import { speaking } from "./acting.ts";
import { refusedRow } from "./audit.ts";
import { type Admission, authenticator, type Identity, OutOfPlace } from "./authenticate.ts";
import type { Answer, Call, Entry, Heard, Kernel, KernelOptions, Listening } from "./call.ts";
import { delegated } from "./delegated.ts";
import { faultOf, rootOf } from "./faults.ts";
import type { Limit } from "./gate.ts";
import { uuidMaker } from "./ids.ts";
import { inFlight } from "./inflight.ts";
import { performing } from "./perform.ts";
import { Problem } from "./problem.ts";
import { reads } from "./reads.ts";
import { refusals } from "./refusals.ts";
import { provenance, serving } from "./serve.ts";
import { streams } from "./streams/streams.ts";
import { trail } from "./trail.ts";
import { uses } from "./uses.ts";
import { working } from "./work.ts";

export type { Answer, Call, Entry, Heard, Kernel, KernelOptions, Listening } from "./call.ts";

/** The single road from every face to every module. */
export function kernel(options: KernelOptions): Kernel {
  const { app, gate, sessions, renew, sources, log } = options;
  const authenticate = authenticator({ pool: app, gate, sessions, renew, tokens: options.tokens, now: sources.now });
  const flights = inFlight(options.most);
  const kept = reads(() => entries);
  const entries = trail(app, log, kept.gather);
  const refused = refusals(entries, options.system, log, sources.now);
  const used = uses(app, log);
  const newId = uuidMaker(sources);
  const work = working(options, newId);
  const perform = performing(options, newId, work);
  const serve = delegated(serving(options, newId, work, perform, kept));
  const live = options.streams ? streams(options, options.streams, kept, newId) : null;

  async function dispatch(call: Call): Promise<Answer> {
    const operation = options.operations.get(call.operation);
    if (!operation) return unknown();
    const mine = { ...call, about: { id: null } };
    return judged(operation, mine, (admission, now) => serve(operation, mine, admission, now));
  }

  async function listen(call: Listening): Promise<Heard> {
    const subscription = options.subscriptions?.get(call.operation);
    if (!subscription || !live) return unknown();
    const open = async (admission: Admission) => ({ messages: await live.open(subscription, call, admission) });
    return judged(subscription, call, open, live.check);
  }

  /** Lets a caller in, does the work, and answers with what came of it, or with the problem. `room`: whether there is any for it. */
  async function judged<T extends object>(
    operation: Operation | Subscription,
    call: Call,
    work: (admission: Admission, now: Date) => Promise<T>,
    room?: () => void,
  ): Promise<Who & ((T & { problem: null }) | { problem: Problem })> {
    const now = sources.now();
    let limit: Limit | null = null;
    let identity: Identity | null = null;
    let leave: (() => void) | null = null;
    try {
      room?.();
      leave = flights.enter();
      const { rate } = operation.meta;
      const admission =
        call.admission?.limit.class === rate ? call.admission : await authenticate(call.credential, rate, call.address);
      ({ limit, identity } = admission);
      if (!limit.allowed) throw usedUp(limit);
      if (identity.refusal) throw new Problem(identity.refusal);
      const { tenant } = identity;
      const actor = speaking(identity.actor, call.saying);
      const spoken = actor === identity.actor ? admission : { ...admission, identity: { ...identity, actor } };
      identity = spoken.identity;
      if (identity.used) used.note(identity.used, tenant.id, now);
      const outcome = await flights.run(tenant.id, () => work(spoken, now));
      return { limit, actorId: actor.id, tenantId: tenant.id, problem: null, ...outcome };
    } catch (error) {
      if (error instanceof OutOfPlace)
        return { ...unknown(), problem: await outOfPlace(operation.path, call, error, now) };
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
      if (error instanceof OutOfPlace)
        return { problem: await outOfPlace("admit", caller, error, sources.now()), limit: null };
      const fault = faultOf(error);
      const problem = fault instanceof Problem ? fault : bug({ requestId: caller.requestId }, error);
      noteStranger(caller, problem, sources.now());
      return { problem, limit: null };
    }
  }

  function problemOf(operation: Operation | Subscription, call: Call, error: unknown): Problem {
    const fault = faultOf(error);
    const fields = { requestId: call.requestId, operation: operation.path };
    if (!(fault instanceof Problem)) return bug(fields, error);
    // Broken JSON can reach any operation by tRPC's `?input=`, also one whose REST form has no body.
    if (fault.code === "malformed_json" || problemsOf(operation).includes(fault.code)) return fault;
    log.error({ ...fields, code: fault.code }, "a bug: the contract doesn't name this problem");
    return options.strict ? new Problem("internal") : fault;
  }

  async function note(
    operation: Operation | Subscription,
    call: Call,
    identity: Identity | null,
    problem: Problem,
    now: Date,
  ): Promise<void> {
    if (!identity) {
      noteStranger(call, problem, now);
    } else if (isRefusal(problem, call.about?.id ?? null)) {
      const of = provenance(operation, call, identity, now, newId);
      await refused.known(refusedRow(of, problem.code, problem.extensions, call.about?.id));
    }
  }

  /** The caller hears what a stranger would; the organisation sees that its key is somewhere else. */
  async function outOfPlace(
    operation: string,
    { address, requestId }: Pick<Call, "address" | "requestId">,
    { identity: { actor, tenant }, problem }: OutOfPlace,
    at: Date,
  ): Promise<Problem> {
    const of = { tenantId: tenant.id, operation, action: "api_key.use", actor, address, requestId };
    const rest = { traceId: null, idempotencyKey: null, at, newId };
    await refused.known(refusedRow({ ...of, ...rest }, "address_not_allowed", {}));
    return problem;
  }

  function noteStranger(
    { credential, address, requestId }: Parameters<Kernel["admit"]>[0],
    problem: Problem,
    at: Date,
  ): void {
    if (problem.code !== "unauthenticated" && problem.code !== "rate_limited") return;
    const kind = { session: "bad_session", bearer: "bad_credential", queue: "bad_queue" }[
      credential?.scheme ?? "bearer"
    ];
    refused.stranger({ kind: credential === null ? "no_credential" : kind, address, requestId, at });
  }

  function bug(fields: object, error: unknown): Problem {
    log.error({ ...fields, err: rootOf(error) }, "a bug: something else than a problem was thrown");
    return new Problem("internal");
  }

  return {
    dispatch,
    listen,
    admit,
    perform,
    stranger: (kind, { address, requestId }) => refused.stranger({ kind, address, requestId, at: sources.now() }),
    inFlight: flights.count,
    streams: () => live?.count() ?? 0,
    hush: () => live?.close(),
    async settle() {
      await Promise.all([refused.flush(), used.flush()]);
      await entries.flush();
    },
    async close() {
      live?.close();
      await Promise.all([refused.close(), used.close()]);
      await entries.close();
    },
  };
}

type Who = Pick<Answer, "limit" | "actorId" | "tenantId">;
const unknown = () => ({ limit: null, actorId: null, tenantId: null, problem: new Problem("not_found") });

/**
 * Whether a problem is worth an entry of its own: somebody known wanted what they may not, more proof was asked of them, or they asked for
 * a thing that isn't there for them. That one may lie above their clearance or in another organisation, and nobody says which.
 */
const isRefusal = ({ status, code }: Problem, id: string | null): boolean =>
  status === 403 || code === "step_up_required" || (status === 404 && id !== null);

const usedUp = ({ resetSeconds }: Limit) => new Problem("rate_limited", { retryAfterSeconds: resetSeconds });
