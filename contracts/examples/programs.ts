import { administratorId, officerId } from "./people.ts";

/** The agent of the demo. */
export const exampleAgent = {
  id: "agt_01kejc8ht0e6ssypg6m30swm9a",
  name: "Duty agent",
  purpose: "Watches the feeds at night, and says what somebody should look at.",
  ownerId: officerId,
  model: "rimal-duty",
  modelVersion: "2026-01",
  permissions: ["signal.acknowledge", "signal.read"],
  clearance: "internal",
  actsFor: [],
  budget: { callsPerDay: 5000, costPerMonth: { amount: "400.00", currency: "AED" } },
  state: "active",
  stateReason: null,
  createdBy: administratorId,
  version: 1,
  createdAt: "2026-01-05T04:00:00.000Z",
  updatedAt: "2026-01-05T04:00:00.000Z",
} as const;

/** An application of the demo's directory. */
export const exampleProgram = {
  id: "prg_01kejc8ht0e6ssypg6m30swm9a",
  name: "Weather importer",
  directory: "d0a15000-0000-4000-8000-0000000000d1",
  clientId: "d0a15000-0000-4000-8000-0000000000e1",
  kind: "client",
  agentId: null,
  clearance: "internal",
  disabledAt: null,
  lastUsedAt: "2026-01-06T03:59:00.000Z",
  createdBy: administratorId,
  version: 1,
  createdAt: "2026-01-05T04:00:00.000Z",
  updatedAt: "2026-01-05T04:00:00.000Z",
} as const;
