import { operations, problems } from "@dais/contracts";
import type { Operation } from "@dais/contracts/kit/derive";
import type { OperationMeta } from "@dais/contracts/kit/operation";
import type { ProblemSpec } from "@dais/contracts/kit/problems";
import { Proposal } from "@dais/contracts/proposals";
import { versionInWords } from "./agent-tools.ts";
import { withBounds } from "./openapi/bounds.ts";
import { inputSchema, type JsonSchema, outputSchema } from "./schema.ts";

/** A tool as MCP lists it. The schemas are JSON Schema 2020-12, each in one piece, with an object at the root. */
export type Tool = {
  name: string;
  title: string;
  description: string;
  inputSchema: JsonSchema & { type: "object" };
  outputSchema: JsonSchema & { type: "object" };
  annotations: { readOnlyHint: boolean; destructiveHint: boolean; idempotentHint: boolean; openWorldHint: boolean };
};

/** Every operation that the contract offers to agents, in the order of the contract. */
export function tools(): Tool[] {
  return [...operations.values()].filter(({ meta }) => meta.mcp).map(toolOf);
}

/** `signals.acknowledge` -> `signals_acknowledge`: model APIs take no dots in a tool's name. */
export const toolName = (path: string): string => path.replaceAll(".", "_");

function toolOf(operation: Operation): Tool {
  const { path, meta } = operation;
  return {
    name: toolName(path),
    title: meta.openapi.summary,
    description: describe(operation),
    inputSchema: withBounds(withVersion(inputSchema(operation.input))) as Tool["inputSchema"],
    outputSchema: answerSchema(operation) as Tool["outputSchema"],
    annotations: hints(operation),
  };
}

/** What a call of the tool answers: of one that an agent may only propose, also the proposal. An object at the root, as MCP wants it. */
function answerSchema({ output, meta }: Operation): JsonSchema {
  const own = outputSchema(output);
  return meta.agent === "propose" ? { type: "object", anyOf: [own, outputSchema(Proposal)] } : own;
}

/**
 * What MCP calls hints. Destructive is whatever may change a thing that exists. A repeated call is harmless where it
 * only reads, or where it names the version that the first call has already used up.
 * @see https://modelcontextprotocol.io/specification/2025-11-25/schema#toolannotations
 */
function hints({ kind, meta }: Operation): Tool["annotations"] {
  return {
    readOnlyHint: kind === "query",
    destructiveHint: kind === "command" && meta.openapi.path.includes("{"),
    idempotentHint: kind === "query" || meta.version === "required",
    openWorldHint: false,
  };
}

const agents = {
  allow: "An agent may call this.",
  propose:
    "An agent may not do this by itself: its call answers with a proposal (id prp_…), and a person decides. Watch it with proposals_get.",
  deny: "An agent may not call this. An agent's call is refused with agent_denied.",
};

function describe({ meta }: Operation): string {
  const { permission, openapi, agent, version, onStale } = meta;
  const codes = [...refusals.filter((code) => applies[code](meta)), ...meta.problems];
  const parts = [
    [`${openapi.summary}.`, openapi.description].filter(Boolean).join(" "),
    permission === null ? "" : `Needs the permission ${permission}.`,
    agents[agent],
    version === "required" ? `Send the version that you saw. ${stale[onStale]}` : "",
    codes.length === 0 ? "" : ["Problems:", ...codes.map(problem)].join("\n"),
  ];
  return parts.filter(Boolean).join("\n\n");
}

const stale = {
  refuse: "If it has changed since, the call is refused: read it again, and decide again.",
  merge:
    "If it has changed since, the change is merged where nobody has changed its fields, and the answer says `merged: true`; otherwise it is refused, and the problem says which fields differ.",
};

const problem = (code: string) => {
  const { title, remedy } = (problems as Readonly<Record<string, ProblemSpec>>)[code] as ProblemSpec;
  return `- ${code}: ${title}. ${remedy}`;
};

/** The standard problems that a model can do something about. The others are its client's business. */
const applies = {
  forbidden: (meta: OperationMeta) => meta.permission !== null,
  step_up_required: (meta: OperationMeta) => meta.assurance !== null,
  person_required: (meta: OperationMeta) => meta.assurance !== null,
};
const refusals = Object.keys(applies) as (keyof typeof applies)[];

/** `If-Match` is an HTTP header: a tool has its version in the input only. */
function withVersion(schema: JsonSchema): JsonSchema {
  const properties = schema.properties as Record<string, JsonSchema>;
  if (!properties.version) return schema;
  const version = { ...properties.version, description: versionInWords };
  return { ...schema, properties: { ...properties, version } };
}
