import { z } from "zod";
import { categories } from "./dispatches/values.ts";
import { exampleTemplate as example } from "./examples/dispatches.ts";
import { event, idPayload } from "./kit/event.ts";
import { capability, router } from "./kit/operation.ts";
import { page, paging } from "./kit/paging.ts";
import { NameInput, Version } from "./kit/shapes.ts";
import { templateProblems } from "./messageTemplates/problems.ts";
import {
  MessageTemplate,
  TemplateId,
  TemplateKey,
  TemplateLanguagesInput,
  VariableInput,
} from "./messageTemplates/shape.ts";

export type { MessageTemplate } from "./messageTemplates/shape.ts";

const { id, key, name, category, variables, languages } = example;
const told = (about: string) =>
  event({
    ...{ about, version: 1, permission: "message_template.read", payload: idPayload("mtp"), example: { id } },
  });

const { query, command, events } = capability({
  name: "messageTemplates",
  title: "Message templates",
  about:
    "What messages are made from: texts in English and Arabic, with variables in double braces. A value is never read as a template again. A dispatch keeps a copy of the one that it was made from.",
  permissions: {
    "message_template.read": "See the templates of messages.",
    "message_template.create": "Add templates of messages.",
    "message_template.update": "Change templates of messages.",
    "message_template.retire": "Retire templates of messages.",
  },
  problems: templateProblems,
  events: {
    "message_template.created": told("A template of messages was added."),
    "message_template.updated": told("A template of messages was changed. What was made from it stays as it is."),
    "message_template.retired": told("A template of messages was retired: nothing new is made from it."),
  },
});
export type MessageTemplateEvents = typeof events;

const writing = [
  "message_template_empty",
  "message_template_variable_twice",
  "message_template_variable_reserved",
  "message_template_variable_unknown",
  "message_template_variable_long",
] as const;
const changing = ["message_template_not_found", "message_template_changed", "message_template_retired"] as const;
const fields = {
  name: NameInput,
  category: z.enum(categories).describe("People choose their channels for each."),
  variables: z
    .array(VariableInput)
    .max(50)
    .describe("What texts name as `{{variables}}`, beside `name`, `organisation` and `link`, which the server knows."),
  languages: TemplateLanguagesInput.describe("One of them, or both. Who reads the other gets what there is."),
};
const after = (change: object) => ({ ...example, ...change, version: 2, updatedAt: "2026-01-06T04:00:00.000Z" });

export const messageTemplates = router({
  list: query({
    rest: "GET /message-templates",
    summary: "List templates of messages, newest first",
    permission: "message_template.read",
    problems: ["invalid_cursor"],
    input: z.strictObject({
      ...paging,
      category: z.enum(categories).optional(),
      key: TemplateKey.optional().describe("The one with this key."),
      retired: z.boolean().default(false).describe("Those that were retired, instead of the others."),
    }),
    output: page(MessageTemplate),
    examples: [{ title: "All", input: {}, output: { items: [example], nextCursor: null } }],
  }),
  get: query({
    rest: "GET /message-templates/{id}",
    summary: "Read one template of messages",
    permission: "message_template.read",
    problems: ["message_template_not_found"],
    input: z.strictObject({ id: TemplateId }),
    output: MessageTemplate,
    examples: [{ title: "One", input: { id }, output: example }],
  }),
  create: command({
    rest: "POST /message-templates",
    summary: "Add a template of messages",
    description:
      "Whatever a text names must be declared, or known to the server: so nothing is found missing when it is sent.",
    permission: "message_template.create",
    problems: [...writing, "message_template_key_taken"],
    status: 201,
    location: "/message-templates/{id}",
    input: z.strictObject({
      key: TemplateKey.describe("Never changes. `daily-briefing` is for the distribution of briefings."),
      ...{ ...fields, variables: fields.variables.default([]) },
    }),
    output: MessageTemplate,
    examples: [{ title: "The day's", input: { key, name, category, variables, languages }, output: example }],
  }),
  update: command({
    rest: "PATCH /message-templates/{id}",
    summary: "Change a template of messages",
    description: "What is left out stays as it is. What was made from it before stays as it was.",
    permission: "message_template.update",
    problems: [...writing, ...changing],
    input: z.strictObject({ ...z.strictObject(fields).partial().shape, id: TemplateId, version: Version }),
    output: MessageTemplate,
    examples: [
      { title: "For crises", input: { id, version: 1, category: "crisis" }, output: after({ category: "crisis" }) },
    ],
  }),
  retire: command({
    rest: "POST /message-templates/{id}/retire",
    summary: "Retire a template of messages, for good",
    description: "Nothing new is made from it, and its key is free for another one.",
    permission: "message_template.retire",
    problems: changing,
    input: z.strictObject({ id: TemplateId, version: Version }),
    output: MessageTemplate,
    examples: [
      { title: "Retire", input: { id, version: 1 }, output: after({ retiredAt: "2026-01-06T04:00:00.000Z" }) },
    ],
  }),
});
