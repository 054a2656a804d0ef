import { permissions } from "@dais/contracts";
import { toolName } from "../tools.ts";
import { successes } from "./answers.ts";
import type { BaseOperation, Operation } from "./json.ts";
import { problemResponses } from "./problems.ts";
import { parameters, requestBody } from "./request.ts";
import { samples } from "./samples.ts";
import type { SharedNames } from "./schemas.ts";

/** One operation as the document shows it: everything that the contract says of it, in words and as data. */
export function operationObject(operation: Operation, base: BaseOperation, shared: SharedNames, url: string): object {
  const { path, meta } = operation;
  const { onStale } = meta;
  const body = requestBody(operation, base, shared);
  const inputs = parameters(operation, base);
  return {
    operationId: path,
    tags: meta.openapi.tags,
    summary: meta.openapi.summary,
    description: describe(operation),
    ...(meta.deprecated ? { deprecated: true } : {}),
    "x-permission": meta.permission,
    "x-rate-class": meta.rate,
    "x-agent-policy": meta.agent,
    "x-version": meta.version,
    ...(onStale === "merge" ? { "x-on-stale": onStale } : {}),
    ...(meta.upload ? { "x-upload-field": meta.upload.field } : {}),
    ...(meta.mcp ? { "x-mcp-tool": toolName(path) } : {}),
    security: [{ apiKey: [] }],
    ...(inputs.length > 0 ? { parameters: inputs } : {}),
    ...(body ? { requestBody: body } : {}),
    responses: { ...successes(operation, base), ...problemResponses(operation) },
    "x-codeSamples": samples(operation, url),
  };
}

function describe({ meta }: Operation): string {
  const { deprecated, permission, agent, assurance, version, onStale } = meta;
  const rules = [
    permission === null
      ? "**Permission:** none; whoever is signed in."
      : `**Permission:** \`${permission}\`. ${permissions[permission]}`,
    `**Agents:** ${agents[agent]}`,
    assurance ? `**Proof:** a person, with a second factor in the last ${assurance.maxAgeSeconds} seconds.` : "",
    version === "required" ? `**Version:** in the body or as \`If-Match\`. ${stale[onStale]}` : "",
    version === "any"
      ? onStale === "merge"
        ? `**Version:** in each item. ${stale.merge}`
        : "**Version:** not asked for."
      : "",
    `**Rate class:** \`${meta.rate}\`.`,
  ];
  const going = deprecated
    ? `**Deprecated** since ${deprecated.since}, gone on ${deprecated.sunset}. Use \`${deprecated.use}\`.`
    : "";
  return [going, meta.openapi.description ?? "", rules.filter(Boolean).join("<br>\n")].filter(Boolean).join("\n\n");
}

const agents = {
  allow: "may call it.",
  propose: "may only propose it: the answer is 202 with a proposal, and a person decides.",
  deny: "may not call it.",
};
const stale = {
  refuse: "An older one is refused with 412.",
  merge:
    "Upon an older one in the body, the change is merged where nobody has changed its fields since; otherwise it is refused with 412, which says the fields that differ. `If-Match` is never merged.",
};
