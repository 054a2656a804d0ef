import type { Operation } from "@dais/contracts/kit/derive";
import type { Provenance } from "./audit.ts";
import type { Identity } from "./authenticate.ts";
import type { Call, KernelOptions } from "./call.ts";
import { digest } from "./canonical.ts";
import { coalescer } from "./coalesce.ts";
import { type Ctx, type Modules, visibleTo } from "./context.ts";
import type { Claim } from "./idempotency.ts";
import { accepted } from "./input.ts";
import type { Lane } from "./lane.ts";
import { refusalOf } from "./permit.ts";
import { Problem } from "./problem.ts";
import { withoutSecrets } from "./secrets.ts";
import { committed, type Outcome, readOnly } from "./transaction.ts";

/**
 * What dispatch does for a caller that it knows: permission, input, and then the handler, in one exchange with Postgres for a read and
 * in two for a command. @throws every problem that the operation may answer with
 */
export function serving(options: KernelOptions, newId: () => string) {
  const { app, gate, log } = options;
  const coalesce = coalescer<Outcome>();
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

  return async (operation: Operation, call: Call, identity: Identity, now: Date): Promise<Outcome> => {
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
          { ...provenance(operation, call, identity, now, newId), traceparent: call.traceparent },
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
  };
}

/** Who is behind a call, as every entry of it says. */
export const provenance = (
  operation: Operation,
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
  at,
  newId,
});
