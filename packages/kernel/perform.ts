import type { KernelOptions } from "./call.ts";
import { type Perform, systemActor } from "./task.ts";
import { tenantsOf } from "./tenants.ts";
import type { working } from "./work.ts";

/** Does tasks: see task.ts. */
export function performing(
  options: KernelOptions,
  newId: () => string,
  { contextOf, commit }: ReturnType<typeof working>,
): Perform {
  const { app, sources } = options;
  const tenantOf = tenantsOf(app, sources.now);

  return async (task, on, input) => {
    const tenant = await tenantOf(on.tenantId);
    const actor = { ...systemActor(tenant.levels.at(-1) ?? "", on.onBehalfOf ?? null), ...on.as };
    const now = sources.now();
    return app.hold(tenant.id, async (lane) => {
      const ctx = contextOf(lane, { path: task.name, identity: { actor, tenant }, requestId: on.requestId, now });
      const provenance = {
        tenantId: tenant.id,
        operation: task.name,
        action: task.action,
        actor,
        address: on.address ?? null,
        requestId: on.requestId,
        traceId: on.traceparent?.split("-")[1] ?? null,
        traceparent: on.traceparent ?? null,
        quiet: task.quiet ?? false,
        idempotencyKey: null,
        at: now,
        newId,
      };
      const once = on.once ? { ...on.once, tenantId: tenant.id, at: now } : null;
      const { output, replayed } = await commit(lane, ctx, provenance, once, async () => ({
        output: await task.run(ctx, input),
        stored: null,
      }));
      return replayed ? null : (output as Awaited<ReturnType<typeof task.run>>);
    });
  };
}
