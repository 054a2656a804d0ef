import type { Operation } from "@dais/contracts/kit/derive";
import type { Provenance } from "./audit.ts";
import type { Admission, Identity } from "./authenticate.ts";
import type { Call, KernelOptions } from "./call.ts";
import { digest } from "./canonical.ts";
import { coalescer } from "./coalesce.ts";
import { Consequence } from "./consequence.ts";
import type { Ctx, Modules } from "./context.ts";
import type { Claim } from "./idempotency.ts";
import { accepted, asked } from "./input.ts";
import { leaving } from "./outside.ts";
import { refusalOf } from "./permit.ts";
import { Problem } from "./problem.ts";
import { isProposed, propose } from "./proposals/propose.ts";
import type { Reads } from "./reads.ts";
import { withoutSecrets } from "./secrets.ts";
import { stillGood } from "./still.ts";
import type { On, Perform } from "./task.ts";
import { type Outcome, readOnly } from "./transaction.ts";
import type { working } from "./work.ts";

/**
 * What dispatch does for a caller that it knows: permission, input, and then the handler, in one exchange with Postgres for a read and
 * in two for a command. @throws every problem that the operation may answer with
 */
export function serving(
  options: KernelOptions,
  newId: () => string,
  { contextOf, commit }: ReturnType<typeof working>,
  perform: Perform,
  kept: Reads,
) {
  const { app, log } = options;
  const coalesce = coalescer<Outcome>();
  const still = stillGood(options);

  return async (operation: Operation, call: Call, admission: Admission, now: Date): Promise<Outcome> => {
    const { identity } = admission;
    const { actor, tenant } = identity;
    const refusal = foreigner(operation, call) ?? refusalOf(operation, actor, now);
    if (refusal) throw refusal;
    const input = await accepted(operation, call);
    if (call.about) call.about.id = idIn(operation, input);
    await still(operation, call, admission, now); // a body may have taken its time
    const [capability, name] = operation.path.split(".") as [keyof Modules, never];
    const handler = options.modules[capability][name] as (ctx: Ctx, input: unknown) => Promise<unknown>;
    const merges = operation.meta.onStale === "merge" && !call.exact;
    const doing = { path: operation.path, identity, requestId: call.requestId, now, merges };

    if (operation.kind === "query") {
      const { answering, left, written } = await app.hold(tenant.id, async (lane) => {
        const ctx = contextOf(lane, doing);
        const gone = leaving(ctx);
        const answering = readOnly(lane, tenant.id, () => handler(ctx, input));
        const left = await Promise.race([answering.then(() => false), gone]);
        if (!left) await still(operation, call, admission, now);
        return { answering, left, written: ctx.written };
      });
      const output = operation.output.parse(await answering);
      if (left) await still(operation, call, admission, now);
      await kept.answered(operation, output, written, tenant, () => provenance(operation, call, identity, now, newId));
      return { output, replayed: false, file: written.file };
    }

    const proposed = isProposed(operation, actor);
    const run = async (key: Claim | null): Promise<Outcome> => {
      const change = app.hold(tenant.id, (lane) => {
        const ctx = contextOf(lane, doing);
        const of = {
          ...provenance(operation, call, identity, now, newId),
          ...{ traceparent: call.traceparent, reason: reasonIn(input) },
        };
        return commit(lane, ctx, of, key, async () => {
          if (proposed) {
            const proposal = await propose(ctx, operation, input as Record<string, unknown>, handler);
            return { output: proposal, stored: proposal };
          }
          const output = operation.output.parse(await handler(ctx, input));
          await still(operation, call, admission, now);
          return { output, stored: key && withoutSecrets(operation.output, output) };
        });
      });
      const outcome = await change.catch(async (error) => {
        const { requestId, traceparent, address } = call;
        throw await followed(error, { tenantId: tenant.id, onBehalfOf: actor.id, requestId, traceparent, address });
      });
      return proposed ? { ...outcome, proposed } : outcome;
    };
    if (call.idempotencyKey === null) return run(null);
    const claim: Claim = {
      tenantId: tenant.id,
      // What an agent did for one person is no answer for another.
      actorId: actor.agent && actor.onBehalfOf ? `${actor.id} for ${actor.onBehalfOf}` : actor.id,
      operation: operation.path,
      key: call.idempotencyKey,
      requestHash: digest(asked(operation, input)),
      at: now,
    };
    const same = [tenant.id, claim.actorId, operation.path, claim.key, claim.requestHash].join(" ");
    const { value, first } = await coalesce(same, () => run(claim));
    if (first || value.replayed || proposed) return { ...value, replayed: value.replayed || !first };
    return { output: withoutSecrets(operation.output, value.output), replayed: true };
  };

  /** Does what follows from a refusal, and answers with the refusal. */
  async function followed(error: unknown, on: On): Promise<unknown> {
    if (error instanceof Consequence)
      await error
        .follow(perform, on)
        .catch((err) => log.warn({ err, requestId: on.requestId, code: error.code }, "a refusal's consequence failed"));
    return error;
  }
}

/** A browser sends the cookie along with whatever page asks: only our own pages may change something. */
const foreigner = ({ kind }: Operation, { foreign }: Call): Problem | null =>
  kind === "command" && foreign !== null ? new Problem("origin_not_allowed", { header: foreign }) : null;

/** Public id of the thing that a call is about, where its address names one. */
const idIn = ({ meta }: Operation, input: unknown): string | null =>
  meta.openapi.path.includes("{id}") ? String((input as { id: unknown }).id) : null;

/** What the caller says why. */
function reasonIn(input: unknown): string | null {
  const { reason } = input as { reason?: unknown };
  return typeof reason === "string" ? reason : null;
}

/** Who is behind a call, as every entry of it says. */
export const provenance = (
  operation: Pick<Operation, "path" | "meta">,
  call: Call,
  { actor, tenant }: Identity,
  at: Date,
  newId: () => string,
): Provenance => ({
  tenantId: tenant.id,
  operation: operation.path,
  action: operation.meta.permission ?? operation.path,
  actor,
  address: call.address,
  requestId: call.requestId,
  traceId: call.traceparent?.split("-")[1] ?? null,
  idempotencyKey: call.idempotencyKey,
  provenAt: operation.meta.assurance ? ((actor.session ?? actor.token)?.provenAt ?? null) : null,
  at,
  newId,
});
