/** The posture of the demo as it is, and the change that its duty agent proposes. */
export const examplePostureId = "pos_01kejc8ht0e6ssypg6m30swm9c";

export const examplePosture = {
  id: examplePostureId,
  entityId: null,
  level: "elevated",
  rank: 1,
  reason: "Severe weather over two sites.",
  since: "2026-01-06T04:30:00.000Z",
  source: "operations room",
};

export const exampleChange = {
  id: "pos_01kejc8ht0e6ssypg6m30swm9d",
  entityId: null,
  fromLevel: "elevated",
  level: "high",
  rank: 2,
  reason: "Two extreme warnings over the data centre's region.",
  signalIds: ["sig_01kejc8ht0e6ssypg6m30swm9g"],
  proposedBy: "agt_01kejc8ht0e6ssypg6m30swm9a",
  decidedBy: null,
  decidedAt: null,
  classification: "public",
  state: "proposed" as const,
  stateReason: null,
  version: 1,
  createdAt: "2026-01-06T05:30:00.000Z",
  updatedAt: "2026-01-06T05:30:00.000Z",
};
