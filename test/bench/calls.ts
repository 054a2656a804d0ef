import { randomUUID } from "node:crypto";
import { idOf } from "@dais/contracts/kit/ids";
import type { Next } from "./load.ts";
import type { Stage, Tenant } from "./stage.ts";
import { written } from "./wire.ts";

const by = ({ key }: Tenant) => ({ authorization: `Bearer ${key}` });
type Tenants = Pick<Stage, "tenants">;

/** The same few requests over and over, one for each organisation in turn. */
function inTurn({ tenants }: Tenants, make: (tenant: Tenant) => string): Next {
  const made = tenants.map(make);
  let n = 0;
  return () => made[n++ % made.length] as string;
}

export const reads = (of: Tenants, path: string): Next =>
  inTurn(of, (tenant) => written({ method: "GET", path, headers: by(tenant) }));

/** A tool's call as an agent's client sends it. */
export const toolCalls = (of: Tenants, name: string, args: object): Next =>
  inTurn(of, (tenant) =>
    written({
      method: "POST",
      path: "/mcp",
      headers: { ...by(tenant), accept: "application/json, text/event-stream", "mcp-protocol-version": "2025-11-25" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: args } }),
    }),
  );

/** The addition of an entity, under names that nobody else has. */
export const creating = (tenant: Tenant): string =>
  written({
    method: "POST",
    path: "/v1/entities",
    headers: { ...by(tenant), "idempotency-key": randomUUID() },
    body: JSON.stringify({
      key: `e${randomUUID()}`,
      name: { en: "Rimal Cloud", ar: null },
      kind: "division",
      parentId: idOf("ent", tenant.company),
    }),
  });

export const acknowledging = (tenant: Tenant, uuid: string): string =>
  written({
    method: "POST",
    path: `/v1/signals/${idOf("sig", uuid)}/acknowledge`,
    headers: { ...by(tenant), "idempotency-key": randomUUID() },
    body: '{"version":1}',
  });

/** Additions of entities. */
export function creations({ tenants }: Tenants): Next {
  let n = 0;
  return () => creating(tenants[n++ % tenants.length] as Tenant);
}

/** Acknowledgements of the stage's new signals, each once, whoever asks. */
export async function acknowledgements({ owner, tenants }: Stage, count: number): Promise<Next> {
  const whose = new Map(tenants.map((tenant) => [tenant.id, tenant]));
  const rows =
    await owner`select id, tenant_id from signals where state = 'new' and source = 'nws' order by id limit ${count}`;
  let n = 0;
  return () => {
    const row = rows[n++];
    if (!row) throw new Error(`There are no more than ${count} new signals.`);
    return acknowledging(whose.get(row.tenant_id) as Tenant, row.id);
  };
}
