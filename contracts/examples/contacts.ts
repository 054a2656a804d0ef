import { officerId } from "./people.ts";

export const examplePreferences = {
  personId: officerId,
  channels: { briefing: ["email", "in_app"], action: ["in_app"] },
  quietHours: { from: "22:00", to: "06:30" },
  version: 2,
  updatedAt: "2026-01-06T04:00:00.000Z",
};

export const exampleOptOut = {
  id: "opt_01kejc8ht0e6ssypg6m30swm9g",
  channel: "sms",
  address: "+1202•••0103",
  source: "reply",
  at: "2026-01-06T04:00:00.000Z",
  endedAt: null,
};

export const exampleComplaint = {
  ...{ ...exampleOptOut, id: "opt_01kejc8ht0e6ssypg6m30swmc1" },
  ...{ channel: "email", address: "l•••@rimal.example", source: "complaint" },
};

export const exampleNotification = {
  id: "ntf_01kejc8ht0e6ssypg6m30swm9g",
  recipientId: "dre_01kejc8ht0e6ssypg6m30swm9g",
  title: "Daily briefing of 6 January",
  body: "The briefing of 6 January 2026 has been approved and is ready to be read.",
  language: "en",
  classification: "internal",
  createdAt: "2026-01-06T04:00:00.000Z",
  readAt: null,
};
