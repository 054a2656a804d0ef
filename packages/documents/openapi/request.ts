import { inputSchema, tidy } from "../schema.ts";
import { headerParameters } from "./headers.ts";
import type { BaseOperation, Media, Operation, Parameter, Reference, Schema } from "./json.ts";
import { asShared, type SharedNames } from "./schemas.ts";

/** Path and query parameters with their true schemas, and the headers that the operation listens to. */
export function parameters(operation: Operation, base: BaseOperation): (Parameter | Reference)[] {
  const properties = (inputSchema(operation.input) as Schema).properties ?? {};
  const required = new Set((inputSchema(operation.input) as Schema).required);
  const given = [...(base.parameters ?? []), ...besideDocument(operation)];
  const named = given.map(({ name, in: place }): Parameter => {
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
export function requestBody(operation: Operation, base: BaseOperation, shared: SharedNames): object | undefined {
  const { upload } = operation.meta;
  if (upload) {
    const examples = Object.fromEntries(documents(operation, upload.field));
    const content = { schema: {}, examples };
    const description = `The document as it is, ${mib(upload.bytes)} MiB at most.`;
    return { description, required: true, content: Object.fromEntries(upload.types.map((type) => [type, content])) };
  }
  const found = base.requestBody?.content["application/json"]?.schema;
  if (found === undefined) return undefined;
  const schema = withoutVersion(operation, tidy(found, "input"));
  const media: Media = { schema: asShared(schema, shared), examples: bodies(operation) };
  return { required: (schema.required ?? []).length > 0, content: { "application/json": media } };
}

const mib = (bytes: number) => Math.round((bytes / 1024 / 1024) * 10) / 10;

/** The fields that an upload takes as parameters: all but its document and those of its path. */
function besideDocument({ input, meta }: Operation): Pick<Parameter, "name" | "in">[] {
  if (!meta.upload) return [];
  const elsewhere = [meta.upload.field, ...pathNames(meta.openapi.path)];
  const names = Object.keys((inputSchema(input) as Schema).properties ?? {});
  return names.filter((name) => !elsewhere.includes(name)).map((name) => ({ name, in: "query" }));
}

const pathNames = (path: string): string[] => [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string);

const documents = ({ meta }: Operation, field: string) =>
  meta.examples.map(({ title, input }, i) => [`example${i + 1}`, { summary: title, value: input[field] }] as const);

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
  const inPath = new Set(pathNames(meta.openapi.path));
  return Object.fromEntries(
    meta.examples.map(({ title, input }, i) => {
      const value = Object.fromEntries(Object.entries(input).filter(([name]) => !inPath.has(name)));
      return [`example${i + 1}`, { summary: title, value }];
    }),
  );
}
