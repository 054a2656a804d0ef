import { chiefExecutiveId, exampleSessionId, officerId } from "./people.ts";

export const exampleEntryId = "aud_01kejc8ht0e6ssypg6m30swm9k";

/** The operations officer of the demo has acknowledged a signal. */
export const exampleEntry = {
  id: exampleEntryId,
  at: "2026-01-06T04:10:00.000Z",
  outcome: "done" as const,
  actorKind: "user" as const,
  actorId: officerId,
  onBehalfOf: null,
  persons: [officerId],
  agentModel: null,
  agentVersion: null,
  operation: "signals.acknowledge",
  action: "signal.acknowledge",
  resourceType: "signal",
  resourceId: "sig_01kejc8ht0e6ssypg6m30swm9g",
  resourceVersion: 2,
  classification: "internal",
  event: "acknowledge",
  fromState: "new",
  toState: "acknowledged",
  changed: true,
  problem: null,
  requestId: "0b6a2f0e-3a52-4a5e-9b1c-5f1d7f1f4a10",
  sessionId: exampleSessionId,
  address: "192.0.2.7",
  beforeDigest: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
  afterDigest: "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
  changes: [{ field: "state", before: "new", after: "acknowledged" }],
  reason: null,
  decision: { permission: "signal.acknowledge", roles: ["operational"] },
  traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
  idempotencyKey: "8e03978e-40d5-43dd-bc93-6894a57f9324",
  withheld: false,
  erased: null,
};

export const exampleErasureId = "ers_01kejc8ht0e6ssypg6m30swm9m";

/** The administrator of the demo asks for what the law wants. */
export const exampleErasure = {
  id: exampleErasureId,
  personId: null,
  from: null,
  to: null,
  entries: 1,
  entriesSha256: "5f2b1c7d9e8a4f60b3c2d1e0f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c4d3e2f1a0",
  reason: "Article 15 of the data protection law; request 2026-14.",
  requestedBy: "per_01kejc8ht0e6ssypg6m30swmp6",
  decidedBy: null,
  decidedAt: null,
  classification: "internal",
  state: "requested" as const,
  stateReason: null,
  version: 1,
  createdAt: "2026-01-06T05:30:00.000Z",
  updatedAt: "2026-01-06T05:30:00.000Z",
};

export const decidedErasure = (state: "erased" | "rejected" | "withdrawn", why: string) => ({
  ...exampleErasure,
  ...{ state, stateReason: why, decidedBy: chiefExecutiveId, decidedAt: "2026-01-06T05:40:00.000Z" },
  ...{ version: 2, updatedAt: "2026-01-06T05:40:00.000Z" },
});
