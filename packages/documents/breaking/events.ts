import { type Change, compare } from "../breaking.ts";
import type { Schema } from "../openapi/json.ts";

type Message = { name: string; payload: { allOf: Schema[] }; "x-permission": string | null };
export type AsyncApi = { components: { schemas: Record<string, Schema>; messages: Record<string, Message> } };

/**
 * What those who hear of events may notice of the way from one AsyncAPI document to another, null where none was released yet. An event is
 * judged as what it is like: the answer of an operation, which may be narrowed and may gain fields.
 */
export function compareEvents(before: object | null, after: object): Change[] {
  return compare(asAnswers(before), asAnswers(after)).map(({ what, ...change }) => ({
    ...change,
    what: what.replace(/^GET \/\S+ (was \w+)/, "The event $1").replace(/^answer\b/, "event"),
  }));
}

function asAnswers(document: object | null): object {
  const { schemas, messages } = (document as AsyncApi | null)?.components ?? { schemas: {}, messages: {} };
  const paths = Object.values(messages).map(({ name, payload, "x-permission": permission }) => {
    const content = { "application/json": { schema: inOne(payload.allOf, schemas) } };
    const answer = { operationId: name, "x-permission": permission, responses: { 200: { description: "", content } } };
    return [`/${name}`, { get: answer }];
  });
  return {
    openapi: "3.1.1",
    info: { title: "", version: "" },
    paths: Object.fromEntries(paths),
    components: { schemas },
  };
}

/** The envelope that all events have, with what is the event's own in its place. */
function inOne(parts: readonly Schema[], shared: Record<string, Schema>): Schema {
  const found = parts.map((part) => (part.$ref ? (shared[part.$ref.split("/").at(-1) ?? ""] ?? {}) : part));
  return {
    type: "object",
    properties: Object.assign({}, ...found.map(({ properties }) => properties)),
    required: [...new Set(found.flatMap(({ required }) => required ?? []))],
  };
}
