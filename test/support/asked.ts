import type { Operation } from "@dais/contracts/kit/derive";

/** A request as it is sent: path below /v1, with its query. */
export type Asked = { method: string; path: string; headers: Record<string, string>; body?: string };

/** An operation's input as its contract places it over REST: in path, query and body. */
export function asked({ kind, meta }: Operation, input: Record<string, unknown>): Asked {
  const { method, path } = meta.openapi;
  const rest = { ...input };
  const taken = (name: string) => {
    const { [name]: value } = rest;
    delete rest[name];
    return String(value);
  };
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(taken(name)));
  if (kind === "command" && !meta.upload)
    return { method, path: filled, headers: { "content-type": "application/json" }, body: JSON.stringify(rest) };
  const document = meta.upload && {
    headers: { "content-type": `${meta.upload.types[0]}` },
    body: meta.upload.field in rest ? taken(meta.upload.field) : "",
  };
  const pairs = Object.entries(rest).flatMap(([name, value]) =>
    [value].flat().map((one): [string, string] => [name, String(one)]),
  );
  return {
    method,
    path: pairs.length > 0 ? `${filled}?${new URLSearchParams(pairs)}` : filled,
    headers: {},
    ...document,
  };
}
