import type { Operation } from "@dais/contracts/kit/derive";
import type { Download } from "@dais/contracts/kit/download";
import type { File } from "@dais/kernel/download";
import type { CallToolResult, ListResourceTemplatesResult, ReadResourceResult } from "@modelcontextprotocol/server";
import { refusal } from "./events.ts";
import type { Exchange, McpParts } from "./parts.ts";

/** Files that tools answer with, as resources: what a `resource_link` names can be read here as well as over REST. */
export type FileReader = {
  templates: ListResourceTemplatesResult["resourceTemplates"];
  /** Null where no such file is served. */
  read(uri: string, exchange: Exchange): Promise<ReadResourceResult | null>;
};

export function fileReader({
  kernel,
  operations,
  publicUrl,
}: Pick<McpParts, "kernel" | "operations" | "publicUrl">): FileReader {
  const served = [...operations.values()]
    .filter(({ meta }) => meta.download.length > 0 && meta.mcp)
    .map((operation) => ({ operation, uri: `${publicUrl}/v1${operation.meta.openapi.path}` }));

  async function read(uri: string, exchange: Exchange): Promise<ReadResourceResult | null> {
    const found = served.flatMap((one) => {
      const input = fieldsOf(one.uri, uri);
      return input ? [{ operation: one.operation, input }] : [];
    })[0];
    if (!found) return null;
    const { caller } = exchange;
    const answer = await kernel.dispatch({
      ...caller,
      operation: found.operation.path,
      readInput: () => found.input,
    });
    if (answer.limit) exchange.limit = answer.limit;
    if (answer.problem?.status === 401) exchange.stranger = answer.problem;
    if (answer.problem) throw refusal(answer.problem, exchange, publicUrl);
    const { file } = answer;
    return file && !("packed" in file.bytes) ? { contents: [{ uri, ...contentOf(file.bytes, file.mediaType) }] } : null;
  }

  return { templates: served.map(({ operation, uri }) => templateOf(operation, uri)), read };
}

/** What a tool adds to its result where that is a file. */
export const linkTo = ({ name, mediaType }: File, { url, size }: Download): CallToolResult["content"][number] => ({
  type: "resource_link",
  uri: url,
  name,
  mimeType: mediaType,
  size,
});

const templateOf = ({ path, meta }: Operation, uri: string) => ({
  uriTemplate: uri,
  name: path,
  title: meta.openapi.summary,
  ...(meta.download[0] ? { mimeType: meta.download[0] } : {}),
});

/** The values of a template's names in an address, or null where it is another one. */
function fieldsOf(template: string, uri: string): Record<string, string> | null {
  const names = [...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string);
  const parts = template.split(/\{\w+\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const values = new RegExp(`^${parts.join("([^/?#]{1,200})")}$`).exec(uri)?.slice(1);
  return values ? Object.fromEntries(names.map((name, n) => [name, values[n] as string])) : null;
}

/** XML and other text as text: whoever reads it needs no other tool. */
const contentOf = (bytes: Uint8Array, mediaType: string) =>
  /^text\/|[/+](xml|json)$/.test(mediaType)
    ? { mimeType: mediaType, text: Buffer.from(bytes).toString("utf8") }
    : { mimeType: mediaType, blob: Buffer.from(bytes).toString("base64") };
