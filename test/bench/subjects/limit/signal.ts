import { idOf } from "@dais/contracts/kit/ids";

type Row = Record<string, unknown>;
const moment = (value: unknown) => value && new Date(value as string).toISOString();

/** A row of signals as the API shows it. */
export const show = (row: Row) => ({
  id: idOf("sig", row.id as string),
  source: row.source,
  externalId: row.external_id,
  title: row.title,
  body: row.body,
  severity: row.severity,
  category: row.category,
  classification: row.classification,
  confidence: row.confidence,
  entityId: row.entity_id && idOf("ent", row.entity_id as string),
  area: row.area,
  language: row.language,
  occurredAt: moment(row.occurred_at),
  reportedAt: moment(row.reported_at),
  expiresAt: moment(row.expires_at),
  state: row.state,
  stateReason: row.state_reason,
  version: row.version,
  createdAt: moment(row.created_at),
  updatedAt: moment(row.updated_at),
});

export type Shown = ReturnType<typeof show>;

const names = Object.keys(show({ id: "01890a5d-ac96-774b-bcce-b302099a8057" })).sort();
/** Its canonical JSON (RFC 8785): flat, so that a list of names in order is all it takes. */
export const canonical = (signal: object): string => JSON.stringify(signal, names);

/** The columns, in the table's order. */
export const columns = {
  id: "uuid",
  tenant_id: "uuid",
  source: "text",
  external_id: "text",
  title: "text",
  body: "text",
  severity: "text",
  category: "text",
  classification: "text",
  confidence: "double precision",
  entity_id: "uuid",
  area: "text",
  language: "text",
  occurred_at: "timestamp (3) with time zone",
  reported_at: "timestamp (3) with time zone",
  expires_at: "timestamp (3) with time zone",
  state: "text",
  state_reason: "text",
  version: "integer",
  created_at: "timestamp (3) with time zone",
  updated_at: "timestamp (3) with time zone",
};
export const list = Object.keys(columns).join(", ");
