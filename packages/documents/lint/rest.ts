import type { Operation } from "@dais/contracts/kit/derive";
import type { Schema } from "../openapi/json.ts";
import { convert } from "../schema.ts";

/** What REST needs: method, path, query, versions, and where a made thing is. */
export function restRules(operation: Operation): string[] {
  return [
    ...methods(operation),
    ...pathParameters(operation),
    ...queryParameters(operation),
    ...documents(operation),
    ...versions(operation),
    ...locations(operation),
  ];
}

function methods({ kind, meta }: Operation): string[] {
  const { method, path } = meta.openapi;
  const findings: string[] = [];
  if ((kind === "query") !== (method === "GET"))
    findings.push(`a ${kind} can't be ${method}: reads are GET, and changes are not`);
  if (!/^(\/([a-z0-9]+(-[a-z0-9]+)*|\{[a-z][a-zA-Z]*\}))+$/.test(path))
    findings.push(`${path} is not small letters, hyphens and {names}`);
  const noun = meta.capability.name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  if (path.split("/")[1] !== noun) findings.push(`${path} doesn't begin with /${noun}`);
  return findings;
}

function pathParameters({ input, meta }: Operation): string[] {
  const { properties = {}, required = [] } = convert(input, "input") as Schema;
  return parametersOf(meta.openapi.path).flatMap((name) => {
    const schema = properties[name];
    if (!schema) return [`the path's {${name}} is not in its input`];
    if (schema.type !== "string") return [`the path's {${name}} is not a string`];
    return required.includes(name) ? [] : [`the path's {${name}} is optional`];
  });
}

/** What carries bytes: an upload has a field for them, a download is read, and says what it is. */
function documents({ kind, input, meta, output }: Operation): string[] {
  const findings: string[] = [];
  const { upload, download } = meta;
  const { properties = {}, required = [] } = convert(input, "input") as Schema;
  if (upload && properties[upload.field]?.type !== "string")
    findings.push(`its document is in ${upload.field}, which is no text in its input`);
  if (upload && !required.includes(upload.field)) findings.push(`its document ${upload.field} is optional`);
  if (download.length === 0) return findings;
  if (kind !== "query") findings.push("it answers with a file, and is no read: a repeated change has no bytes to show");
  const told = Object.keys((convert(output, "output") as Schema).properties ?? {});
  if (told.sort().join() !== "expiresAt,mediaType,sha256,size,url")
    findings.push("it answers with a file, and its output is no Download");
  return findings;
}

/** A query string is flat, and has no way to say null. */
function queryParameters({ input, meta }: Operation): string[] {
  if (meta.openapi.method !== "GET" && meta.openapi.method !== "DELETE" && !meta.upload) return [];
  const { properties = {} } = convert(input, "input") as Schema;
  const scalar = (schema?: Schema) => ["string", "number", "integer", "boolean"].includes(String(schema?.type));
  return Object.entries(properties)
    .filter(([, schema]) => !scalar(schema) && !(schema.type === "array" && scalar(schema.items)))
    .map(([name]) => `a query string can't say ${name}: neither a scalar nor a list of scalars`);
}

/** Who changes what exists says which version they saw; who gets an ETag gets the version that it is made of. */
function versions({ kind, input, meta, output }: Operation): string[] {
  const { properties = {}, required = [] } = convert(output, "output") as Schema;
  const findings: string[] = [];
  if (kind === "command" && meta.version === "none" && parametersOf(meta.openapi.path).length > 0)
    findings.push("it changes what exists, and neither takes `version` nor says anyVersion");
  if (meta.etag && !(properties.version?.type === "integer" && required.includes("version")))
    findings.push("it has an ETag, but no `version` in its output to make it of");
  const { properties: taken = {} } = convert(input, "input") as Schema;
  const each = (taken.items?.items ?? {}) as Schema;
  if (meta.onStale === "merge" && !("version" in { ...taken, ...each.properties }))
    findings.push("it merges what comes late, and takes no `version` to tell it by");
  if (meta.onStale === "merge" && meta.version === "required" && properties.merged?.type !== "boolean")
    findings.push("it merges what comes late, and doesn't say so in a field `merged`");
  return findings;
}

function locations({ kind, meta, output }: Operation): string[] {
  if (kind === "query" && meta.status !== 200) return [`a query can't answer ${meta.status}`];
  if (meta.location === null)
    return meta.status === 201 ? ["it answers 201 without saying where the new thing is"] : [];
  if (meta.status !== 201 && meta.status !== 202) return ["it has a location, but answers neither 201 nor 202"];
  const schema = convert(output, "output") as Schema;
  return parametersOf(meta.location)
    .filter((name) => fieldOf(schema, name.split(".")) !== "string")
    .map((name) => `its location names {${name}}, which is no string in its output`);
}

const parametersOf = (path: string): string[] => [...path.matchAll(/\{([\w.]+)\}/g)].map(([, name]) => name as string);

function fieldOf(schema: Schema | undefined, names: readonly string[]): unknown {
  const [name, ...rest] = names;
  return name === undefined ? schema?.type : fieldOf(schema?.properties?.[name], rest);
}
