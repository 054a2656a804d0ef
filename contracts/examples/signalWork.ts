import { officerId } from "./people.ts";
import { exampleId, exampleSignal } from "./signals.ts";

const at = "2026-01-06T04:10:00.000Z";

export const exampleNote = {
  id: "nte_01kejc8ht0e6ssypg6m30swm9g",
  signalId: exampleId,
  body: "Called the data centre: the pumps are running.",
  by: officerId,
  at,
};
export const exampleLink = {
  id: "lnk_01kejc8ht0e6ssypg6m30swm9g",
  signalId: exampleId,
  target: "https://www.weather.gov/safety/flood-watch-warning",
  title: "What a flood watch means",
  by: officerId,
  at,
};
/** What an agent says of a signal. */
export const exampleJudgement = {
  label: "river_flood",
  severity: "severe",
  confidence: 0.55,
  rationale: "The report names Onion Creek, which reached its banks twice this month.",
};
export const exampleAssessment = {
  id: "asm_01kejc8ht0e6ssypg6m30swm9g",
  signalId: exampleId,
  by: "agt_01kejc8ht0e6ssypg6m30swm9g",
  byKind: "agent",
  onBehalfOf: null,
  ...exampleJudgement,
  model: "watcher",
  modelVersion: "2026-01",
  at,
};
/** The signal after that. */
export const assessedSignal = {
  ...exampleSignal,
  label: "river_flood",
  assessedSeverity: "severe",
  assessedConfidence: 0.55,
  assessedBy: "agent",
  review: { why: "low_confidence", since: at },
  version: 2,
  updatedAt: at,
};
