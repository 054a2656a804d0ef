import { both, list, object, shared, text, whole } from "./build.ts";

const neither = { request: false, answer: false };
const requestOnly = { request: true, answer: false };
const answerOnly = { request: false, answer: true };
const always = { request: true, answer: true };
const strict = (properties: object) => object({ ...properties }, [], { additionalProperties: false });
const nullable = (schema: object) => ({ anyOf: [schema, { type: "null" }] });

/** What may happen to a field, in both directions. */
export const fields = [
  both("another type", text(), whole(), always),
  both("made nullable", text(), { type: ["string", "null"] }, answerOnly),
  both("no longer nullable", { type: ["string", "null"] }, text(), requestOnly),
  both("a wider number", whole(), { type: "number" }, answerOnly),
  both("a narrower number", { type: "number" }, whole(), requestOnly),
  both("an enum value removed", text({ enum: ["a", "b"] }), text({ enum: ["a"] }), requestOnly),
  both("an enum value added", text({ enum: ["a"] }), text({ enum: ["a", "b"] }), answerOnly),
  both("an enum where there was none", text(), text({ enum: ["a"] }), requestOnly),
  both("no enum any more", text({ enum: ["a"] }), text(), answerOnly),
  both("another const", text({ const: "a" }), text({ const: "b" }), always),
  both("a shorter maxLength", text({ maxLength: 10 }), text({ maxLength: 5 }), requestOnly),
  both("a longer maxLength", text({ maxLength: 5 }), text({ maxLength: 10 }), answerOnly),
  both("a maxLength where there was none", text(), text({ maxLength: 10 }), requestOnly),
  both("a greater minLength", text({ minLength: 1 }), text({ minLength: 2 }), requestOnly),
  both("a lower maximum", whole({ maximum: 10 }), whole({ maximum: 5 }), requestOnly),
  both("a higher minimum", whole({ minimum: 1 }), whole({ minimum: 5 }), requestOnly),
  both("an exclusive minimum", whole(), whole({ exclusiveMinimum: 5 }), requestOnly),
  both("a lower maxItems", list(text(), { maxItems: 9 }), list(text(), { maxItems: 3 }), requestOnly),
  both("uniqueItems", list(text()), list(text(), { uniqueItems: true }), requestOnly),
  both("narrower items", list(text({ enum: ["a", "b"] })), list(text({ enum: ["a"] })), requestOnly),
  both("a pattern where there was none", text(), text({ pattern: "^a$" }), requestOnly),
  both("another pattern", text({ pattern: "^a$" }), text({ pattern: "^b$" }), always),
  both("no pattern any more", text({ pattern: "^a$" }), text(), answerOnly),
  both("another format", text({ format: "date" }), text({ format: "date-time" }), always),
  both("another default", text({ default: "a" }), text({ default: "b" }), requestOnly),
  both("additionalProperties closed", object({}), object({}, [], { additionalProperties: false }), requestOnly),
  both("additionalProperties opened", object({}, [], { additionalProperties: false }), object({}), answerOnly),
  both("a field removed", object({ x: text(), y: text() }), object({ y: text() }), answerOnly),
  both("a field of a strict object removed", strict({ x: text(), y: text() }), strict({ y: text() }), always),
  both("an optional field added", object({ y: text() }), object({ x: text(), y: text() }), neither),
  both("a required field added", object({ y: text() }), object({ x: text(), y: text() }, ["x"]), requestOnly),
  both("a field made required", object({ x: text() }), object({ x: text() }, ["x"]), requestOnly),
  both("a field made optional", object({ x: text() }, ["x"]), object({ x: text() }), answerOnly),
  both("a choice added", { anyOf: [text(), whole()] }, { anyOf: [text(), whole(), { type: "boolean" }] }, answerOnly),
  both(
    "a choice removed",
    { anyOf: [text(), whole(), { type: "boolean" }] },
    { anyOf: [text(), whole()] },
    requestOnly,
  ),
  // A choice in the place of what it has among others: told as a break on both sides. It errs on the side of asking.
  both("a shared schema made nullable", shared("Same"), nullable(shared("Same")), always),
  both("a shared schema no longer nullable", nullable(shared("Same")), shared("Same"), always),
  both("a shared schema narrowed", shared("Narrowed"), shared("Narrowed"), requestOnly),
  both("a recursive schema narrowed", shared("Tree"), shared("Tree"), requestOnly),
  both("a shared schema written out", shared("Same"), object({ x: text() }, ["x"]), neither),
  both("only a description", text({ description: "a" }), text({ description: "b" }), neither),
].flat();
