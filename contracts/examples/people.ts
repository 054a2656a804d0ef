/** Ids of the demo's own people: an example can be tried as it stands. */
export const chiefExecutiveId = "per_01kejc8ht0e6ssypg6m30swmp1";
export const officerId = "per_01kejc8ht0e6ssypg6m30swmp3";
export const administratorId = "per_01kejc8ht0e6ssypg6m30swmp6";
export const exampleSessionId = "ses_01kejc8ht0e6ssypg6m30swm9a";

/** The operations officer of the demo, as an administrator sees her. */
export const examplePerson = {
  id: officerId,
  name: { en: "Layla Al Marri", ar: "ليلى المري" },
  email: "layla.almarri@rimal.example",
  phone: "+12025550103",
  timeZone: "Asia/Dubai",
  language: "en",
  entityId: "ent_01kejc8ht0e6ssypg6m30swm9b",
  managerId: chiefExecutiveId,
  roles: [
    { role: "operational", source: "directory", grantedBy: "app_role", grantedAt: "2026-01-05T04:00:00.000Z" },
    { role: "approver", source: "granted", grantedBy: administratorId, grantedAt: "2026-01-05T05:00:00.000Z" },
  ],
  clearance: "confidential",
  deputies: [{ personId: chiefExecutiveId, fromDay: "2026-01-12", toDay: "2026-01-16" }],
  disabledAt: null,
  lastSignedInAt: "2026-01-06T03:50:00.000Z",
  version: 4,
  createdAt: "2026-01-05T04:00:00.000Z",
  updatedAt: "2026-01-06T03:50:00.000Z",
};

/** The same person after a change. */
export const changed = (fields: object) => ({
  ...examplePerson,
  ...fields,
  version: examplePerson.version + 1,
  updatedAt: "2026-01-06T04:00:00.000Z",
});

export const exampleSession = {
  id: exampleSessionId,
  openedAt: "2026-01-06T03:50:00.000Z",
  lastSeenAt: "2026-01-06T04:00:00.000Z",
  endsAt: "2026-01-06T15:50:00.000Z",
  provenAt: "2026-01-06T03:50:00.000Z",
  address: "192.0.2.17",
  userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0",
  current: true,
};
