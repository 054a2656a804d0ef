import { officerId } from "./people.ts";

export const exampleSignalView = {
  id: "viw_01kejc8ht0e6ssypg6m30swm9g",
  ownerId: officerId,
  name: "Floods in the Gulf",
  shared: false,
  filters: { severity: ["extreme", "severe"], text: "flood or فيضان", box: "45,20,60,32" },
  sort: "-occurredAt",
  version: 1,
  createdAt: "2026-01-06T04:00:00.000Z",
  updatedAt: "2026-01-06T04:00:00.000Z",
};
