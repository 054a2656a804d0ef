import type { Contract } from "@dais/contracts";
import type { inferRouterInputs, inferRouterOutputs } from "@trpc/server";

export type { Contract, ProblemCode } from "@dais/contracts";
export type { FieldError, ProblemDocument } from "@dais/contracts/kit/problems";
export { type AgentClient, type AgentOutputs, createAgentClient, isProposal, type Proposal } from "./agent.ts";
export { type ClientOptions, createClient, type DaisClient, withKey } from "./client.ts";
export { DaisProblem, isLostAnswer, isProblem, LostAnswer } from "./errors.ts";
export type { Patience, Sources } from "./retry.ts";

/** What an operation takes: `Inputs["signals"]["ingest"]`. */
export type Inputs = inferRouterInputs<Contract>;
/** What it answers: `Outputs["signals"]["get"]`. */
export type Outputs = inferRouterOutputs<Contract>;
