/** A signal as a source reports it. */
export const aSignal = (more: Record<string, unknown> = {}) => ({
  source: "nws",
  title: "Flood Watch",
  body: "Flooding is possible.",
  severity: "severe",
  category: "met",
  classification: "internal",
  occurredAt: "2026-01-06T04:00:00.000Z",
  reportedAt: "2026-01-06T03:58:00.000Z",
  ...more,
});
