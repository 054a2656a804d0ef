/** One change of an operation, and whether it breaks callers. `null` stands for an operation that isn't there. */
export type Case = { name: string; before: object | null; after: object | null; breaks: boolean };
type Schema = Record<string, unknown>;

export const text = (more: Schema = {}) => ({ type: "string", ...more });
export const whole = (more: Schema = {}) => ({ type: "integer", ...more });
export const list = (items: Schema, more: Schema = {}) => ({ type: "array", items, ...more });
export const object = (properties: Schema, required: string[] = [], more: Schema = {}) => ({
  type: "object",
  properties,
  ...(required.length > 0 ? { required } : {}),
  ...more,
});
export const shared = (name: string) => ({ $ref: `#/components/schemas/${name}` });

const json = (schema: Schema) => ({ "application/json": { schema } });
export const sent = (schema: Schema, more: Schema = {}) => ({
  requestBody: { required: true, content: { ...json(schema), ...more } },
});
export const answered = (schema: Schema, more: Schema = {}) => ({
  responses: { 200: { description: "Done.", content: { ...json(schema), ...more } } },
});
export const asked = (schema: Schema, more: Schema = {}) => ({
  parameters: [{ name: "q", in: "query", schema, ...more }],
});
export const done = { description: "Done.", content: json(object({ a: text() }, ["a"])) };
export const problem = (status: number, ...codes: string[]) => ({
  [status]: {
    description: "No.",
    content: {
      "application/problem+json": {
        schema: { allOf: [shared("Problem"), object({ code: { enum: codes } }, ["code"])] },
      },
    },
  },
});

/** The same change of a field, once in a request and once in an answer. */
export function both(
  name: string,
  before: Schema,
  after: Schema,
  breaks: { request: boolean; answer: boolean },
): Case[] {
  const field = (schema: Schema) => object({ f: schema }, ["f"]);
  return [
    { name: `request: ${name}`, before: sent(field(before)), after: sent(field(after)), breaks: breaks.request },
    { name: `answer: ${name}`, before: answered(field(before)), after: answered(field(after)), breaks: breaks.answer },
  ];
}

/** All cases in two documents, each an operation of its own named after its number, so that one comparison judges all. */
export function documents(cases: readonly Case[]): [before: object, after: object] {
  return [documentOf(cases, "before"), documentOf(cases, "after")];
}

export const nameOf = (index: number) => `case.n${index}`;

function documentOf(cases: readonly Case[], side: "before" | "after"): object {
  const paths = cases.flatMap((each, index) => {
    const operation = { operationId: nameOf(index), responses: { 200: done }, ...each[side] };
    return each[side] ? [[`/${each.name.replace(/\W/g, "-")}`, { post: operation }]] : [];
  });
  const later = side === "after";
  return {
    openapi: "3.1.1",
    info: { title: "Cases", version: "1.0.0" },
    servers: [{ url: "/v1" }],
    paths: Object.fromEntries(paths),
    components: {
      securitySchemes: { apiKey: { type: "http", scheme: "bearer" }, person: { type: "http", scheme: "basic" } },
      schemas: {
        Problem: object({ code: text() }, ["code"]),
        Same: object({ x: text() }, ["x"]),
        Narrowed: object({ x: text({ maxLength: later ? 5 : 9 }) }, ["x"]),
        Tree: object({ kind: text({ enum: later ? ["a"] : ["a", "b"] }), branches: list(shared("Tree")) }, ["kind"]),
      },
    },
  };
}
