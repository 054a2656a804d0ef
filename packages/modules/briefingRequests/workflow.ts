import type { BriefingRequest } from "@dais/contracts/briefingRequests";
import { idOf } from "@dais/contracts/kit/ids";
import { briefingRequestWorkflow } from "@dais/contracts/workflows/briefingRequest";
import { briefingRequests } from "@dais/drizzle/schema/briefingRequests";
import type { Workflow } from "@dais/kernel/machine";
import { machine } from "./machine.ts";

export type Row = typeof briefingRequests.$inferSelect;

/** The request as a thing whose state moves. */
export const workflow: Workflow<typeof briefingRequests, BriefingRequest> = {
  spec: briefingRequestWorkflow,
  idKind: "brq",
  table: briefingRequests,
  machine,
  show,
  waiting: ({ day }) => ({ title: { en: `Briefing of ${day}`, ar: `إحاطة يوم ${day}` } }),
  problems: {
    notFound: "briefing_request_not_found",
    wrongState: "briefing_request_wrong_state",
    changed: "briefing_request_changed",
  },
};

/** The row as the contract shows it. */
export function show(row: Row): BriefingRequest {
  return {
    id: idOf("brq", row.id),
    day: row.day,
    from: row.windowFrom.toISOString(),
    to: row.windowTo.toISOString(),
    agentId: row.agentId && idOf("agt", row.agentId),
    askAt: row.askAt.toISOString(),
    classification: row.classification,
    state: row.state,
    stateReason: row.stateReason,
    version: row.version,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}
