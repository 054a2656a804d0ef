import { randomBytes, randomUUID } from "node:crypto";
import { permissions } from "@dais/contracts";
import type { ApiKey } from "@dais/contracts/apiKeys";
import type { Operation } from "@dais/contracts/kit/derive";
import type { Settings } from "@dais/contracts/organisations";
import type { Actor, Ctx, Tenant } from "@dais/kernel/context";
import { uuidMaker } from "@dais/kernel/ids";
import type { Connection, Lane } from "@dais/kernel/lane";
import { type Pool, pool } from "@dais/kernel/pool";
import { committed } from "@dais/kernel/transaction";
import { modules } from "@dais/modules";

export type Wanted = { organisation: string; input: Parameters<typeof modules.apiKeys.create>[1] };

/**
 * Makes a key as the operation does, in one transaction with its audit entry and its event, but for an actor who needs no key.
 * @throws Error when the organisation or the clearance doesn't exist; what the operation throws
 */
export async function makeKey(connection: Connection, operation: Operation, wanted: Wanted, actorId: string) {
  const lanes = pool(connection, { size: 1, role: "dais_app" });
  try {
    const tenant = await tenantOf(lanes, wanted.organisation);
    if (!tenant.levels.includes(wanted.input.clearance)) {
      throw new Error(`No such clearance: ${wanted.input.clearance}. It must be one of ${tenant.levels.join(", ")}.`);
    }
    const all = new Set(Object.keys(permissions));
    const clearance = tenant.levels.at(-1) as string;
    const actor: Actor = { kind: "system", id: actorId, permissions: all, clearance, onBehalfOf: null };
    return await lanes.hold(tenant.id, (lane) => create(contextOf(lane, operation, tenant, actor), lane, wanted.input));
  } finally {
    await lanes.close();
  }
}

async function create(ctx: Ctx, lane: Lane, input: Wanted["input"]): Promise<{ id: string; text: string }> {
  const provenance = {
    tenantId: ctx.tenant.id,
    operation: ctx.operation.path,
    action: ctx.operation.meta.permission as string,
    actor: ctx.actor,
    address: null,
    requestId: ctx.requestId,
    traceId: null,
    traceparent: null,
    idempotencyKey: null,
    at: ctx.now,
    newId: ctx.newId,
  };
  const nothing = { beforeCommit: async () => {}, afterCommit: async () => {} };
  const { output } = await committed(lane, ctx, provenance, null, nothing, async () => {
    return { output: await modules.apiKeys.create(ctx, input), stored: null };
  });
  const { id, secret } = output as ApiKey & { secret: string };
  return { id, text: secret };
}

function contextOf(lane: Lane, operation: Operation, tenant: Tenant, actor: Actor): Ctx {
  const now = () => new Date();
  return {
    operation,
    tenant,
    actor,
    visible: tenant.levels,
    db: lane.db,
    send: lane.ask,
    now: now(),
    newId: uuidMaker({ now, random: randomBytes }),
    cursors: { key: new Uint8Array() },
    log: console,
    requestId: `key-${randomUUID()}`,
    written: { entries: [], events: [], revoked: new Set() },
  };
}

async function tenantOf(lanes: Pool, slug: string): Promise<Tenant> {
  const [row] = await lanes.hold("", async (lane) => {
    await lane.send("select set_config('dais.tenant', coalesce(tenant_of($1)::text, gen_random_uuid()::text), false)", [
      slug,
    ]);
    return lane.send("select id, time_zone, settings from organisations where slug = $1", [slug]);
  });
  if (!row) throw new Error(`No such organisation: ${slug}.`);
  const levels = (row.settings as Settings).classifications.map(({ key }) => key);
  return { id: row.id as string, slug, timeZone: row.time_zone as string, levels };
}
