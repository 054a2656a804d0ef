import { chiefExecutiveId, officerId } from "./people.ts";
import { exampleId as signalId } from "./signals.ts";

export const exampleActionId = "act_01kejc8ht0e6ssypg6m30swm9a";
const chiefOfStaffId = "per_01kejc8ht0e6ssypg6m30swmp2";

/** What somebody wants done. */
export const exampleWanted = {
  title: "Bring the spare chiller to data hall 2",
  details: "The hall runs on one chiller; its reserve lasts four hours.",
  priority: "urgent",
  dueDay: "2026-01-08",
  ownerId: officerId,
  deputyIds: [],
  entityId: null,
  classification: "confidential",
  source: { type: "signal", id: signalId },
};
/** What it becomes. */
export const exampleAction = {
  id: exampleActionId,
  ...exampleWanted,
  dueAt: "2026-01-08T20:00:00.000Z",
  createdBy: chiefOfStaffId,
  completedBy: null,
  completedAt: null,
  verifiedBy: null,
  verifiedAt: null,
  state: "open",
  stateReason: null,
  version: 1,
  createdAt: "2026-01-06T05:00:00.000Z",
  updatedAt: "2026-01-06T05:00:00.000Z",
};
const later = { version: 2, updatedAt: "2026-01-06T06:00:00.000Z" };
/** The action after its first move or edit. */
export const changedAction = (fields: object) => ({ ...exampleAction, ...later, ...fields });
export const completed = { completedBy: officerId, completedAt: later.updatedAt };
export const verified = { verifiedBy: chiefOfStaffId, verifiedAt: later.updatedAt };

export const exampleItem = {
  id: "chk_01kejc8ht0e6ssypg6m30swm9a",
  actionId: exampleActionId,
  text: "Call the supplier",
  done: false,
  by: officerId,
  at: "2026-01-06T05:10:00.000Z",
};
export const exampleActionNote = {
  id: "nte_01kejc8ht0e6ssypg6m30swm9b",
  actionId: exampleActionId,
  body: "The supplier has one in stock.",
  by: officerId,
  at: "2026-01-06T05:12:00.000Z",
};
export const exampleEvidence = {
  id: "lnk_01kejc8ht0e6ssypg6m30swm9b",
  actionId: exampleActionId,
  url: "https://supplier.example/orders/4711",
  title: "The order",
  by: officerId,
  at: "2026-01-06T05:20:00.000Z",
};
export const exampleWatcher = { personId: chiefExecutiveId, by: chiefOfStaffId, at: "2026-01-06T05:01:00.000Z" };
