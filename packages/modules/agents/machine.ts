import { agentWorkflow } from "@dais/contracts/workflows/agent";
import { machineOf } from "@dais/kernel/machine";

export const machine = machineOf(agentWorkflow);
