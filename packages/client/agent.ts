import type { Contract } from "@dais/contracts";
import type { inferRouterOutputs } from "@trpc/server";
import { type ClientOptions, createClient, type DaisClient } from "./client.ts";

type Outputs = inferRouterOutputs<Contract>;
/** What an agent called and a person decides about. */
export type Proposal = Outputs["proposals"]["get"];
type Procedures = Contract["_def"]["record"];
/** Whether an agent may only propose a command. */
type Proposes<C extends keyof Procedures, O> = O extends keyof Procedures[C]
  ? Procedures[C][O] extends { readonly $types?: infer T }
    ? NonNullable<T> extends { agent: "propose" }
      ? true
      : false
    : false
  : false;

/** What an operation answers an agent: `AgentOutputs["signals"]["acknowledge"]` is the signal or, of a registered agent, the proposal. */
export type AgentOutputs = {
  [C in keyof Outputs & keyof Procedures]: {
    [O in keyof Outputs[C]]: Proposes<C, O> extends true ? Outputs[C][O] | Proposal : Outputs[C][O];
  };
};

/** The client as an agent has it: what it may only propose answers with the proposal. */
export type AgentClient = {
  [C in keyof DaisClient]: C extends keyof Procedures
    ? {
        [O in keyof DaisClient[C]]: Proposes<C, O> extends true
          ? DaisClient[C][O] extends { mutate: (...args: infer A) => Promise<infer R> }
            ? { mutate: (...args: A) => Promise<R | Proposal> }
            : never
          : DaisClient[C][O];
      }
    : DaisClient[C];
};

/** `createClient` for a program that calls as a registered agent. */
export const createAgentClient = (options: ClientOptions): AgentClient => createClient(options);

/** Whether an answer is a proposal: then nothing has happened yet, and a person decides. */
export const isProposal = (answer: unknown): answer is Proposal =>
  typeof answer === "object" && answer !== null && "id" in answer && String(answer.id).startsWith("prp_");
