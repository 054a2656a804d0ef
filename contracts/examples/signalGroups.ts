import { exampleId } from "./signals.ts";

export const otherSignalId = "sig_01kejc8ht0e6ssypg6m30swm9h";
export const exampleSignalGroup = {
  id: "sgr_01kejc8ht0e6ssypg6m30swm9a",
  name: "Floods south of Austin",
  title: "Flood Watch",
  leadId: null,
  signalCount: 2,
  categories: ["met"],
  severity: { value: "severe", reason: { signalId: exampleId, rule: "most_severe_reported" } },
  confidence: {
    value: 0.9,
    reasons: [
      { signalId: exampleId, source: "nws", confidence: 0.8 },
      { signalId: otherSignalId, source: "field-sensors", confidence: 0.5 },
    ],
  },
  firstAt: "2026-01-06T04:00:00.000Z",
  lastAt: "2026-01-06T05:10:00.000Z",
  mergedInto: null,
  version: 1,
  createdAt: "2026-01-06T04:00:01.000Z",
  updatedAt: "2026-01-06T04:00:01.000Z",
};
/** Another one. */
export const otherSignalGroup = {
  ...exampleSignalGroup,
  id: "sgr_01kejc8ht0e6ssypg6m30swm9b",
  name: null,
};
