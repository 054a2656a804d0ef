import { workflow } from "../kit/workflow.ts";

/** pending -> granted or refused by the vote that decides; or taken back, or past its time. A vote that decides nothing yet moves nothing. */
export const approvalWorkflow = workflow({
  name: "approval",
  kind: "apr",
  capability: "approvals",
  title: "Approval",
  initial: "pending",
  states: {
    pending: { waits: { for: "approval.approve" }, within: { workingDays: 3 } },
    granted: { final: true },
    refused: { final: true },
    expired: { final: true },
    withdrawn: { final: true },
  },
  moves: {
    request: { from: [], to: "pending" },
    approve: {
      from: ["pending"],
      to: "granted",
      told: "granted",
      fourEyes: true,
      policies: ["in_time", "person", "turn"],
    },
    refuse: { from: ["pending"], to: "refused", fourEyes: true, policies: ["in_time", "person", "turn"] },
    withdraw: { from: ["pending"], to: "withdrawn", policies: ["own"] },
    expire: { from: ["pending"], to: "expired", by: "system" },
  },
});
