import type { Operation } from "@dais/contracts/kit/derive";
import { asked } from "../asked.ts";
import { authorized } from "../credential.ts";

/** What a caller gets, whatever the face: the output, or the problem as an object. */
export type Said = { output: Record<string, unknown> } | { problem: Record<string, unknown> };
export type Request = {
  operation: Operation;
  input: Record<string, unknown>;
  key: string | null;
  idempotencyKey: string | null;
  ifMatch: boolean;
};
/** Sends a call over one face. Null: this face doesn't have the operation. */
export type Face = (url: string, request: Request) => Promise<Said | null>;

export const overRest: Face = async (url, { operation, input, key, idempotencyKey, ifMatch }) => {
  const { version, ...others } = input;
  const inHeader = ifMatch && operation.meta.version === "required" && Number.isInteger(version) && Number(version) > 0;
  const { path, method, headers, body } = asked(operation, inHeader ? others : input);
  const response = await fetch(`${url}/v1${path}`, {
    method,
    headers: {
      ...fields(key, idempotencyKey),
      ...headers,
      ...(inHeader ? { "if-match": `"${version}"` } : {}),
    },
    body,
  });
  const json = (await response.json()) as Record<string, unknown>;
  return response.ok ? { output: json } : { problem: json };
};

export const overRpc: Face = async (url, { operation, input, key, idempotencyKey }) => {
  const headers = fields(key, idempotencyKey);
  const target = `${url}/trpc/${operation.path}`;
  const response =
    operation.kind === "query"
      ? await fetch(`${target}?input=${encodeURIComponent(JSON.stringify(input))}`, { headers })
      : await fetch(target, {
          method: "POST",
          headers: { ...headers, "content-type": "application/json" },
          body: JSON.stringify(input),
        });
  const json = (await response.json()) as {
    result?: { data: Record<string, unknown> };
    error?: { data: { problem: Record<string, unknown> } };
  };
  return json.result ? { output: json.result.data } : { problem: json.error?.data.problem ?? {} };
};

export const overMcp: Face = async (url, { operation, input, key, idempotencyKey }) => {
  const response = await fetch(`${url}/mcp`, {
    method: "POST",
    headers: {
      ...fields(key, null),
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      "mcp-protocol-version": "2025-11-25",
    },
    body: JSON.stringify({
      jsonrpc: "2.0",
      id: 1,
      method: "tools/call",
      params: {
        name: operation.path.replace(".", "_"),
        arguments: input,
        ...(idempotencyKey === null ? {} : { _meta: { idempotencyKey } }),
      },
    }),
  });
  const text = await response.text();
  const json = JSON.parse(text.startsWith("{") ? text : (/^data: (.*)$/m.exec(text)?.[1] ?? "{}"));
  if (response.status === 401) return { problem: json };
  if (json.error) return null;
  return json.result.isError ? { problem: json.result.structuredContent } : { output: json.result.structuredContent };
};

export const faces: Record<string, Face> = { rest: overRest, rpc: overRpc, mcp: overMcp };

const fields = (key: string | null, idempotencyKey: string | null): Record<string, string> => ({
  ...authorized(key),
  ...(idempotencyKey === null ? {} : { "idempotency-key": idempotencyKey }),
});
