export const exampleId = "sig_01kejc8ht0e6ssypg6m30swm9g";
/** What a source reports. */
export const exampleInput = {
  source: "nws",
  externalId: "urn:oid:2.49.0.1.840.0.1",
  title: "Flood Watch",
  body: "Flooding caused by excessive rainfall is possible.",
  severity: "severe",
  category: "met",
  classification: "internal",
  confidence: 0.8,
  entityId: null,
  area: "South Travis County",
  place: { points: [{ lat: 30.19, lon: -97.78 }], polygons: [], circles: [] },
  geocodes: [{ scheme: "UGC", value: "TXC453" }],
  language: "en-US",
  translations: [],
  occurredAt: "2026-01-06T04:00:00.000Z",
  reportedAt: "2026-01-06T03:58:00.000Z",
  expiresAt: null,
};
/** What it becomes. */
export const exampleSignal = {
  id: exampleId,
  ...exampleInput,
  sightings: 1,
  lastSeenAt: "2026-01-06T03:58:00.000Z",
  mergedInto: null,
  groupId: null,
  assigneeId: null,
  snoozedUntil: null,
  label: null,
  assessedSeverity: null,
  assessedConfidence: null,
  assessedBy: null,
  review: null,
  state: "new",
  stateReason: null,
  version: 1,
  createdAt: "2026-01-06T04:00:01.000Z",
  updatedAt: "2026-01-06T04:00:01.000Z",
};
/** The signal after its nth move. */
export const moved = (n: number, state: string, stateReason: string | null) => ({
  ...exampleSignal,
  state,
  stateReason,
  version: n + 1,
});
