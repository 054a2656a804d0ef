import { briefingRequestWorkflow } from "@dais/contracts/workflows/briefingRequest";
import { machineOf } from "@dais/kernel/machine";

export const machine = machineOf(briefingRequestWorkflow);
