import { officerId } from "./people.ts";
import { exampleAgent } from "./programs.ts";
import { exampleId } from "./signals.ts";

const now = "2026-01-06T04:00:00.000Z";
const target = { type: "signal", id: exampleId, version: 1 };

/** The demo's agent would acknowledge a signal. */
export const exampleProposal = {
  id: "prp_01kejc8ht0e6ssypg6m30swm9a",
  operation: "signals.acknowledge",
  input: { id: exampleId, version: 1 },
  inputHash: "c17cba28d2bd47ceff4e0af5ae3ce0c1e9f9ac1b4bbf9b7c1a3ab1ab2a6d1f0e",
  effect: {
    clearance: "internal",
    changes: [
      {
        resource: target,
        event: "acknowledge",
        from: "new",
        to: "acknowledged",
        changed: true,
        changes: [
          { field: "state", before: "new", after: "acknowledged" },
          { field: "updatedAt", before: "2026-01-06T04:00:01.000Z", after: now },
          { field: "version", before: 1, after: 2 },
        ],
        after: null,
      },
    ],
    events: ["signal.acknowledged"],
    jobs: [],
  },
  effectHash: "5f2c3a0e9d8b7a6c5d4e3f2a1b0c9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f4a3b2c",
  targets: [target],
  agentId: exampleAgent.id,
  onBehalfOf: null,
  model: exampleAgent.model,
  modelVersion: exampleAgent.modelVersion,
  classification: "internal",
  state: "open",
  stateReason: null,
  decidedBy: null,
  decidedAt: null,
  permission: "signal.acknowledge",
  stepUp: null,
  expiresAt: "2026-01-13T04:00:00.000Z",
  output: null,
  version: 1,
  createdAt: now,
  updatedAt: now,
} as const;

const later = "2026-01-06T04:05:00.000Z";
/** The same after a move. */
export const movedProposal = (state: string, more: object = {}) => ({
  ...exampleProposal,
  state,
  version: 2,
  updatedAt: later,
  ...more,
});

/** What the command answered when it was approved, and the proposal then. */
export const exampleOutput = { state: "acknowledged", version: 2 };
export const approvedProposal = movedProposal("approved", {
  decidedBy: officerId,
  decidedAt: later,
  output: exampleOutput,
});
