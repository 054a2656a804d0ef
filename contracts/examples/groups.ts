import { administratorId } from "./people.ts";

/** A group of the demo. */
export const exampleGroup = {
  id: "grp_01kejc8ht0e6ssypg6m30swm9a",
  name: { en: "Crisis team", ar: "فريق الأزمات" },
  about: "Who is called when something happens that can't wait.",
  ownerId: administratorId,
  version: 1,
  createdAt: "2026-01-05T04:00:00.000Z",
  updatedAt: "2026-01-05T04:00:00.000Z",
};
/** Another one, which is a member of the first. */
export const innerGroupId = "grp_01kejc8ht0e6ssypg6m30swm9b";
