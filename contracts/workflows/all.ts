import type { WorkflowSpec } from "../kit/workflow.ts";
import { agentWorkflow } from "./agent.ts";
import { postureWorkflow } from "./posture.ts";
import { proposalWorkflow } from "./proposal.ts";
import { signalWorkflow } from "./signal.ts";

/** Every workflow, by its name. */
export const workflows: ReadonlyMap<string, WorkflowSpec> = new Map(
  ([agentWorkflow, postureWorkflow, proposalWorkflow, signalWorkflow] as const).map((spec) => [spec.name, spec]),
);
