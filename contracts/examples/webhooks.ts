import { officerId } from "./people.ts";

export const exampleWebhook = {
  id: "whk_01kejc8ht0e6ssypg6m30swm9a",
  name: "Duty desk",
  url: "https://hooks.example.org/dais",
  types: ["signal.escalated", "posture.confirmed"],
  entityId: null,
  classification: "internal",
  ownerId: officerId,
  state: "active",
  stateReason: null,
  rotatedAt: null,
  graceEndsAt: null,
  failures: 0,
  failingSince: null,
  lastDeliveredAt: null,
  version: 1,
  createdAt: "2026-01-05T04:00:00.000Z",
  updatedAt: "2026-01-05T04:00:00.000Z",
} as const;

export const exampleDelivery = {
  id: "whd_01kejc8ht0e6ssypg6m30swm9a",
  webhookId: exampleWebhook.id,
  eventId: "evt_01kejc8ht0e6ssypg6m30swm9k",
  event: "signal.escalated",
  classification: "internal",
  state: "failed",
  error: "unexpected_answer",
  attempts: [{ at: "2026-01-06T04:00:00.000Z", status: 500, error: "unexpected_answer", durationMs: 41 }],
  nextAt: null,
  replay: false,
  occurredAt: "2026-01-06T03:59:59.000Z",
  createdAt: "2026-01-06T04:00:00.000Z",
  finishedAt: "2026-01-07T04:00:00.000Z",
} as const;
