import type { Call } from "@dais/kernel/dispatch";

type Said = Pick<Call, "credential" | "saying">;

/** What an agent says of itself and of whom it acts for, in a request's fields. Others say nothing by them, or are refused by dispatch. */
export const said = (credential: Call["credential"], header: (name: string) => string | undefined): Said =>
  saidBy(credential, {
    model: header("dais-agent-model"),
    version: header("dais-agent-version"),
    onBehalfOf: header("dais-on-behalf-of"),
  });

/** The same in the `_meta` of an MCP call, which counts for more than the fields of its request. */
export function saidInMeta(caller: Said, meta: Record<string, unknown> | undefined): Said {
  const { agentModel, agentVersion, onBehalfOf } = meta ?? {};
  if (agentModel === undefined && agentVersion === undefined && onBehalfOf === undefined) return caller;
  return saidBy(caller.credential, {
    model: texts(agentModel) ?? caller.saying?.model,
    version: texts(agentVersion) ?? caller.saying?.version,
    onBehalfOf: texts(onBehalfOf) ?? caller.credential?.actingFor,
  });
}

type Words = Record<"model" | "version" | "onBehalfOf", string | null | undefined>;

function saidBy(credential: Call["credential"], { model = null, version = null, onBehalfOf = null }: Words): Said {
  return {
    credential: credential && onBehalfOf !== null ? { ...credential, actingFor: onBehalfOf } : credential,
    saying: model === null && version === null ? null : { model, version },
  };
}

/** What isn't text is no name of anything: dispatch refuses the empty one. */
const texts = (value: unknown): string | undefined =>
  value === undefined ? undefined : typeof value === "string" ? value : "";
