import type { KernelOptions } from "./call.ts";
import type { Tenant } from "./context.ts";
import { type Perform, systemActor } from "./task.ts";
import { tenantWith } from "./wall.ts";
import type { working } from "./work.ts";

/** How long a process takes a tenant's settings for what they were. */
const rememberMs = 60_000;

/** Does tasks: see task.ts. */
export function performing(
  options: KernelOptions,
  newId: () => string,
  { contextOf, commit }: ReturnType<typeof working>,
): Perform {
  const { app, sources } = options;
  const known = new Map<string, { tenant: Tenant; until: number }>();

  async function tenantOf(id: string): Promise<Tenant> {
    const time = sources.now().getTime();
    const cached = known.get(id);
    if (cached && cached.until > time) return cached.tenant;
    const tenant = await tenantWith(app, id);
    if (!tenant) throw new Error(`no organisation has the id ${id}`);
    known.set(id, { tenant, until: time + rememberMs });
    return tenant;
  }

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
