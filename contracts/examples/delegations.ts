import { chiefExecutiveId, officerId } from "./people.ts";

/** While the operations officer is away. */
export const exampleDelegation = {
  id: "dlg_01kejc8ht0e6ssypg6m30swm9a",
  fromId: officerId,
  toId: chiefExecutiveId,
  moves: ["signal.acknowledge"],
  entityId: null,
  startsAt: "2031-01-12T04:00:00.000Z",
  until: "2031-01-19T04:00:00.000Z",
  reason: "Layla is on leave.",
  endedAt: null,
  createdBy: officerId,
  version: 1,
  createdAt: "2026-01-05T04:00:00.000Z",
  updatedAt: "2026-01-05T04:00:00.000Z",
};
