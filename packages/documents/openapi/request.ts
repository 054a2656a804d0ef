import { inputSchema, tidy } from "../schema.ts";
import { headerParameters } from "./headers.ts";
import type { BaseOperation, Media, Operation, Parameter, Reference, Schema } from "./json.ts";
import { asShared } from "./schemas.ts";

/** Path and query parameters with their true schemas, and the headers that the operation listens to. */
export function parameters(operation: Operation, base: BaseOperation): (Parameter | Reference)[] {
  const properties = (inputSchema(operation.input) as Schema).properties ?? {};
  const required = new Set((inputSchema(operation.input) as Schema).required);
  const named = (base.parameters ?? []).map(({ name, in: place }): Parameter => {
    const { description, examples: _, ...schema } = properties[name] ?? {};
    const needed = place === "path" || (required.has(name) && !replaceable(operation, name));
    const example = operation.meta.examples.find((e) => name in e.input)?.input[name];
    return {
      name,
      in: place,
      ...(description === undefined ? {} : { description }),
      required: needed,
      ...(schema.type === "array" ? { style: "form", explode: true } : {}),
      schema,
      ...(example === undefined ? {} : { example }),
    };
  });
  return [...named, ...headerParameters(operation)];
}

/** The body, or undefined where everything that the operation takes is in its path and query. */
export function requestBody(
  operation: Operation,
  base: BaseOperation,
  shared: Record<string, Schema>,
): object | undefined {
  const { upload } = operation.meta;
  if (upload.length > 0)
    return { required: true, content: Object.fromEntries(upload.map((type) => [type, { schema: {} }])) };
  const found = base.requestBody?.content["application/json"]?.schema;
  if (found === undefined) return undefined;
  const schema = withoutVersion(operation, tidy(found, "input"));
  const media: Media = { schema: asShared(schema, shared), examples: bodies(operation) };
  return { required: (schema.required ?? []).length > 0, content: { "application/json": media } };
}

/** `version` may also come as `If-Match`, so the body doesn't need it. */
const replaceable = ({ meta }: Operation, name: string) => name === "version" && meta.version === "required";

function withoutVersion(operation: Operation, schema: Schema): Schema {
  if (operation.meta.version !== "required" || !schema.properties?.version) return schema;
  const { required = [], ...rest } = schema;
  const description = "The version that the caller saw. Needed here or as `If-Match`.";
  const properties = { ...schema.properties, version: { ...schema.properties.version, description } };
  const others = required.filter((name) => name !== "version");
  return others.length > 0 ? { ...rest, properties, required: others } : { ...rest, properties };
}

function bodies({ meta }: Operation): NonNullable<Media["examples"]> {
  const inPath = new Set([...meta.openapi.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
  return Object.fromEntries(
    meta.examples.map(({ title, input }, i) => {
      const value = Object.fromEntries(Object.entries(input).filter(([name]) => !inPath.has(name)));
      return [`example${i + 1}`, { summary: title, value }];
    }),
  );
}
