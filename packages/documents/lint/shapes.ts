import { isDeepStrictEqual } from "node:util";
import type { Operation } from "@dais/contracts/kit/derive";
import type { Schema } from "../openapi/json.ts";
import { convert } from "../schema.ts";
import { boundedPattern } from "./pattern.ts";

/** Inputs are strict and bounded at every level; outputs are objects without optional fields. */
export function schemaRules({ input, output }: Operation): string[] {
  const taken = convert(input, "input") as Schema;
  const given = convert(output, "output") as Schema;
  return [
    ...(taken.type === "object" ? [] : ["its input is not an object"]),
    ...(given.type === "object" ? [] : ["its output is not an object"]),
    ...walk(taken, "input", unbounded),
    ...Object.keys(taken.properties ?? {})
      .filter((name) => transport.has(name.toLowerCase()))
      .map((name) => `its input's ${name} is named like a part of the transport`),
    ...walk(given, "output", optional),
  ];
}

/** At least one example, and each fits the schemas to the letter. */
export function exampleRules({ input, output, meta }: Operation): string[] {
  if (meta.examples.length === 0) return ["it has no example"];
  return meta.examples.flatMap((example) => {
    const findings: string[] = [];
    if (!input.safeParse(example.input).success)
      findings.push(`the input of the example "${example.title}" doesn't fit its schema`);
    const parsed = output.safeParse(example.output);
    // Zod drops what it doesn't know: an example that says more or less than the schema isn't what a caller would get.
    if (!parsed.success || !isDeepStrictEqual(parsed.data, example.output))
      findings.push(`the output of the example "${example.title}" doesn't fit its schema`);
    return findings;
  });
}

/** Names that a face uses for itself: what comes in them would never reach the input, or look as if it did. */
const transport = new Set(
  ["accept", "authorization", "cookie", "headers", "host", "idempotencyKey", "ifMatch", "ifNoneMatch", "meta", "_meta"]
    .concat(["organisationId", "origin", "requestId", "tenant", "tenantId", "traceparent"])
    .map((name) => name.toLowerCase()),
);

type Rule = (schema: Schema, at: string) => string[];

/** What a rule says of a schema and of everything in it. */
export function walk(schema: Schema, at: string, rule: Rule): string[] {
  const parts: [Schema | undefined, string][] = [
    ...Object.entries(schema.properties ?? {}).map(([name, part]): [Schema, string] => [part, `${at}.${name}`]),
    [schema.items, `${at}[]`],
    ...[schema.anyOf, schema.oneOf as Schema[] | undefined].flatMap((list) =>
      (list ?? []).map((part): [Schema, string] => [part, at]),
    ),
    [typeof schema.additionalProperties === "object" ? schema.additionalProperties : undefined, `${at}{}`],
  ];
  return [...rule(schema, at), ...parts.flatMap(([part, place]) => (part ? walk(part, place, rule) : []))];
}

/** Of names that are known, or that are of one form and not too many; what stands for them is judged by itself. */
const isMap = ({ propertyNames, additionalProperties, maxProperties }: Schema): boolean => {
  const names = propertyNames as Schema | undefined;
  if (!names || typeof additionalProperties !== "object") return false;
  return Boolean(names.enum) || (Boolean(names.pattern) && maxProperties !== undefined);
};

/** Whatever has no end: texts, lists, numbers, objects with any fields. */
export const unbounded: Rule = (schema, at) => {
  const { type, enum: values, const: value, anyOf, oneOf } = schema;
  if (values || value !== undefined || anyOf || oneOf) return [];
  if (type === "object")
    return schema.additionalProperties === false || isMap(schema)
      ? []
      : [`${at} takes unknown fields: make it a strictObject`];
  if (type === "array") return schema.maxItems === undefined ? [`${at} has no greatest number of items`] : [];
  if (type === "string") return boundedText(schema) ? [] : [`${at} has no greatest length`];
  if (type === "number" || type === "integer")
    return boundedNumber(schema) ? [] : [`${at} has no smallest or no greatest value`];
  return type === "boolean" || type === "null" ? [] : [`${at} may be anything`];
};

/** A day's format bounds it; a moment's doesn't, because the fraction of a second has no end. */
const boundedText = ({ maxLength, format, pattern }: Schema) =>
  maxLength !== undefined || format === "date" || (typeof pattern === "string" && boundedPattern(pattern));

/** Zod gives every integer the safe range; that's no thought about the field. */
const boundedNumber = ({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Schema) => {
  const least = minimum ?? exclusiveMinimum;
  const most = maximum ?? exclusiveMaximum;
  return (
    typeof least === "number" &&
    typeof most === "number" &&
    least > -Number.MAX_SAFE_INTEGER &&
    most < Number.MAX_SAFE_INTEGER
  );
};

/** Fields that may be missing. */
export const optional: Rule = ({ properties = {}, required = [] }, at) =>
  Object.keys(properties)
    .filter((name) => !required.includes(name))
    .map((name) => `${at}.${name} is optional: what is absent is null`);
