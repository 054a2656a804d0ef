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
  language: "en-US",
  occurredAt: "2026-01-06T04:00:00.000Z",
  reportedAt: "2026-01-06T03:58:00.000Z",
  expiresAt: null,
};
/** What it becomes. */
export const exampleSignal = {
  id: exampleId,
  ...exampleInput,
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
