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

/** The report of a signal. */
export const ingesting = (tenant: Tenant, externalId: string | null, key: string): string =>
  written({
    method: "POST",
    path: "/v1/signals",
    headers: { ...by(tenant), "idempotency-key": key },
    body: JSON.stringify({
      source: "bench",
      externalId,
      title: "Flood Watch issued by the National Weather Service",
      body: "Flooding caused by excessive rainfall is possible. ".repeat(5),
      severity: "severe",
      category: "met",
      classification: "internal",
      confidence: 0.8,
      entityId: idOf("ent", tenant.company),
      area: "South Travis County",
      language: "en-US",
      occurredAt: "2026-01-06T04:00:00.000Z",
      reportedAt: "2026-01-06T03:58:00.000Z",
    }),
  });

export const acknowledging = (tenant: Tenant, id: string, key: string): string =>
  written({
    method: "POST",
    path: `/v1/signals/${id}/acknowledge`,
    headers: { ...by(tenant), "idempotency-key": key },
    body: '{"version":1}',
  });

let reported = 0;
/** Reports of new signals, each under a key of its own. */
export const ingests =
  ({ tenants }: Tenants): Next =>
  () =>
    ingesting(tenants[reported++ % tenants.length] as Tenant, `urn:oid:2.49.0.1.840.1.${reported}`, randomUUID());

/** Acknowledgements of the stage's new signals, each once, whoever asks. */
export async function acknowledgements({ owner, tenants }: Stage, count: number): Promise<Next> {
  const whose = new Map(tenants.map((tenant) => [tenant.id, tenant]));
  const rows =
    await owner`select id, tenant_id from signals where state = 'new' and source = 'nws' order by id limit ${count}`;
  let n = 0;
  return () => {
    const row = rows[n++];
    if (!row) throw new Error(`There are no more than ${count} new signals.`);
    return acknowledging(whose.get(row.tenant_id) as Tenant, idOf("sig", row.id), randomUUID());
  };
}
