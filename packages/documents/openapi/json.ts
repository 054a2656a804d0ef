export type { Served as Operation } from "../served.ts";

/** A JSON Schema 2020-12 as an OpenAPI 3.1 document holds it; only the keywords that are looked at have a type. */
export type Schema = {
  $ref?: string;
  type?: string | string[];
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  items?: Schema;
  anyOf?: Schema[];
  allOf?: Schema[];
  enum?: unknown[];
  [keyword: string]: unknown;
};

export type Reference = { $ref: string };
export type Media = { schema: Schema; examples?: Record<string, { summary?: string; value: unknown } | Reference> };
export type Parameter = { name: string; in: string; [field: string]: unknown };
export type Response = { description: string; headers?: Record<string, Reference>; content?: Record<string, Media> };
export type Responses = Record<string, Response | Reference>;

/** What trpc-to-openapi made of the contract, as far as it is used. */
export type BaseOperation = {
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, { content?: Record<string, { schema: Schema }> }>;
};
export type BaseDocument = {
  paths: Record<string, Record<string, BaseOperation>>;
  components: { schemas: Record<string, Schema> };
};

export const ref = (section: string, name: string): Reference => ({ $ref: `#/components/${section}/${name}` });

/** `signal_not_found` -> `SignalNotFound`. */
export const pascal = (name: string): string =>
  name
    .split(/[_\W]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");

/** The same object with its keys in alphabetical order, so that a generated file doesn't move about. */
export const sorted = <T>(object: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
