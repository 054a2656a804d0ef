import { toolName } from "../tools.ts";
import type { Operation } from "./json.ts";

/** A piece of code as reference pages show it. @see https://redocly.com/docs/api-reference-docs/specification-extensions/x-code-samples */
export type Sample = { lang: string; label: string; source: string };

/**
 * An operation's first example as code that runs: for the shell, for TypeScript, and for agents where it is a tool. All read the
 * key, and where the document doesn't know it the server's origin, from DAIS_KEY and DAIS_URL.
 */
export function samples(operation: Operation, url: string): Sample[] {
  const input = operation.meta.examples[0]?.input ?? {};
  const all = [
    { lang: "Shell", label: "curl", source: curl(operation, input, url) },
    { lang: "TypeScript", label: "TypeScript", source: typescript(operation, input, url) },
  ];
  return operation.meta.mcp ? [...all, { lang: "JSON", label: "MCP", source: mcp(operation, input) }] : all;
}

type Input = Record<string, unknown>;

function curl({ kind, meta }: Operation, input: Input, url: string): string {
  const { method, path } = meta.openapi;
  const inPath = new Set([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(input[name])));
  const rest = Object.entries(input).filter(([name]) => !inPath.has(name));
  const { upload } = meta;
  const inQuery = kind !== "command" ? rest : upload ? rest.filter(([name]) => name !== upload.field) : [];
  const values = inQuery.flatMap(([name, value]) => [value].flat().map((one): [string, string] => [name, String(one)]));
  const search = values.length > 0 ? `?${new URLSearchParams(values)}` : "";
  const lines = [
    `curl -s${kind === "subscription" ? "N" : ""}${method === "GET" ? "" : ` -X ${method}`} "${url || "$DAIS_URL"}/v1${filled}${search}"`,
  ];
  lines.push('-H "Authorization: Bearer $DAIS_KEY"');
  if (kind === "command") lines.push('-H "Idempotency-Key: $(uuidgen)"');
  if (upload)
    lines.push(`-H "Content-Type: ${upload.types[0]}"`, `--data-binary '${quoted(String(input[upload.field]))}'`);
  else if (kind === "command" && rest.length > 0) {
    const body = quoted(JSON.stringify(Object.fromEntries(rest), null, 2));
    lines.push('-H "Content-Type: application/json"', `-d '${body}'`);
  }
  return lines.join(" \\\n  ");
}

/** Within single quotes of a shell. */
const quoted = (text: string) => text.replaceAll("'", "'\\''");

function typescript({ kind, path }: Operation, input: Input, url: string): string {
  const call =
    kind === "subscription"
      ? `dais.${path}.subscribe(${literal(input)}, { onData: ({ data }) => console.log(data) })`
      : `console.log(await dais.${path}.${kind === "query" ? "query" : "mutate"}(${literal(input)}))`;
  const origin = url ? JSON.stringify(url) : "process.env.DAIS_URL!";
  return `import { createClient } from "@dais/client";

const dais = createClient({
  url: ${origin},
  key: process.env.DAIS_KEY!,
});
${call};`;
}

/** What a client of MCP sends for it. */
function mcp({ kind, path }: Operation, input: Input): string {
  const _meta = kind === "command" ? { _meta: { idempotencyKey: "0197f3a2-6a50-7cc5-a4a1-6f2f3a0e3b11" } } : {};
  const params = { name: toolName(path), arguments: input, ..._meta };
  return JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params }, null, 2);
}

/** As a person would write it: names without quotes, on one line where it fits. */
function literal(value: unknown, indent = ""): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const deeper = `${indent}  `;
  const named = (name: string) => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name));
  const parts = Array.isArray(value)
    ? value.map((one) => literal(one, deeper))
    : Object.entries(value).map(([name, one]) => `${named(name)}: ${literal(one, deeper)}`);
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  if (parts.length === 0) return open + close;
  const line = Array.isArray(value) ? `[${parts.join(", ")}]` : `{ ${parts.join(", ")} }`;
  if (line.length <= 76 && !line.includes("\n")) return line;
  return `${open}\n${parts.map((part) => `${deeper}${part},\n`).join("")}${indent}${close}`;
}
