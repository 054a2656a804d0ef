import type { Operation } from "@dais/contracts/kit/derive";
import { z } from "zod";

/** JSON Schema, with what it points to in its place: one that contains itself is a circle of objects. */
export type Schema = {
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  pattern?: string;
  format?: string;
  description?: string;
  example?: unknown;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  multipleOf?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  items?: Schema | false;
  prefixItems?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  propertyNames?: Schema;
  additionalProperties?: Schema | boolean;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  /** Which of `refined` judges the value, where it has rules that JSON Schema can't say. */
  refined?: number;
};

const made = new WeakMap<z.core.$ZodType, Schema>();

const refined: z.core.$ZodType[] = [];

/** Whether a value keeps the rules that JSON Schema can't say. */
export const keepsRules = ({ refined: at }: Schema, value: unknown): boolean => {
  const type = at === undefined ? undefined : refined[at];
  return !type || z.safeParse(type, value).success;
};

/** The schema of what an operation answers. Made when it is first asked for. */
export function schemaOf(type: z.core.$ZodType): Schema {
  const known = made.get(type);
  if (known) return known;
  const root = z.toJSONSchema(type as z.ZodType, {
    ...{ io: "output", unrepresentable: "any" },
    override: ({ zodSchema, jsonSchema }) => {
      const rules = jsonSchema.type === "string" && zodSchema._zod.def.checks?.some(isRule);
      if (rules) jsonSchema.refined = refined.push(zodSchema) - 1;
    },
  });
  const schema = linked(root) as Schema;
  made.set(type, schema);
  return schema;
}

const isRule = (check: z.core.$ZodCheck<never>) => check._zod.def.check === "custom";

function linked(root: object): unknown {
  const done = new Map<object, unknown>();
  const behind = (ref: string) =>
    ref
      .split("/")
      .slice(1)
      .reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], root);
  const link = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null) return value;
    const known = done.get(value);
    if (known) return known;
    const { $ref } = value as { $ref?: unknown };
    if (typeof $ref === "string") return link(behind($ref));
    const copy: Record<string, unknown> | unknown[] = Array.isArray(value) ? [] : {};
    done.set(value, copy);
    for (const [name, one] of Object.entries(value)) (copy as Record<string, unknown>)[name] = link(one);
    return copy;
  };
  return link(root);
}

/** A schema's alternatives: `string | null` has two. Null: it has none. */
export function alternatives(schema: Schema): Schema[] | null {
  if (schema.anyOf ?? schema.oneOf) return schema.anyOf ?? schema.oneOf ?? null;
  return Array.isArray(schema.type) ? schema.type.map((type) => ({ ...schema, type })) : null;
}

/** Whether a value is of the type that a schema has. The same field may be something else in another schema. */
export function isLike(schema: Schema, value: unknown): boolean {
  const either = alternatives(schema);
  if (value === undefined || either) return either?.some((one) => isLike(one, value)) ?? false;
  if ("const" in schema) return schema.const === value;
  if (schema.enum) return schema.enum.includes(value);
  const type = value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
  return !schema.type || schema.type === (type === "number" && schema.type === "integer" ? "integer" : type);
}

/** The schema without null. */
export const some = (schema: Schema): Schema =>
  alternatives(schema)?.find((one) => one.type !== "null" && one.const !== null) ?? schema;

/** The kind of thing whose id a field holds, from the form that the contract gives it: `sig`. Null: it holds none. */
export const kindOf = (schema: Schema | undefined): string | null =>
  (schema && /^\^([a-z]{3})_\[0-7\]/.exec(some(schema).pattern ?? "")?.[1]) ?? null;

/** The kind of a thing by its schema: an object that always has an id. Null: it isn't one. */
export function thingIn(schema: Schema): string | null {
  const id = schema.properties?.id;
  return id && !alternatives(id) ? kindOf(id) : null;
}

/** Where an output has the thing that its operation is about. */
export type Slot = { path: readonly string[]; kind: string; schema: Schema };

/** The nearest thing to the top, not inside a list. Null: the output is about none, or about many. */
export function slotOf(output: z.core.$ZodType): Slot | null {
  const rows: { path: string[]; schema: Schema }[] = [{ path: [], schema: some(schemaOf(output)) }];
  for (const { path, schema } of rows) {
    const kind = thingIn(schema);
    if (kind) return { path, kind, schema };
    if (path.length < 3)
      for (const [name, one] of Object.entries(schema.properties ?? {}))
        rows.push({ path: [...path, name], schema: some(one) });
  }
  return null;
}

/** The schema of a list's items. Null: the operation isn't a list in pages. */
export function itemsOf(operation: Operation): Schema | null {
  const { items, nextCursor } = schemaOf(operation.output).properties ?? {};
  if (!items?.items || !nextCursor || !("cursor" in operation.input.shape)) return null;
  return items.items;
}
