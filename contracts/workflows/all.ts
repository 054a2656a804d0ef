import type { WorkflowSpec } from "../kit/workflow.ts";
import { actionWorkflow } from "./action.ts";
import { agentWorkflow } from "./agent.ts";
import { approvalWorkflow } from "./approval.ts";
import { briefingWorkflow } from "./briefing.ts";
import { briefingRequestWorkflow } from "./briefingRequest.ts";
import { dispatchWorkflow } from "./dispatch.ts";
import { dispatchRecipientWorkflow } from "./dispatchRecipient.ts";
import { erasureWorkflow } from "./erasure.ts";
import { postureWorkflow } from "./posture.ts";
import { proposalWorkflow } from "./proposal.ts";
import { signalWorkflow } from "./signal.ts";
import { webhookWorkflow } from "./webhook.ts";

const all = [
  actionWorkflow,
  agentWorkflow,
  approvalWorkflow,
  briefingRequestWorkflow,
  briefingWorkflow,
  dispatchRecipientWorkflow,
  dispatchWorkflow,
  erasureWorkflow,
  postureWorkflow,
  proposalWorkflow,
  signalWorkflow,
  webhookWorkflow,
] as const;

/** Every workflow, by its name. */
export const workflows: ReadonlyMap<string, WorkflowSpec> = new Map(all.map((spec) => [spec.name, spec]));
