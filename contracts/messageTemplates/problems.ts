import type { ProblemSpec } from "../kit/problems.ts";

/** What can be wrong with a template of messages. */
export const templateProblems = {
  message_template_not_found: {
    status: 404,
    title: "No such template",
    meaning: "There is no template of messages with this id in the caller's organisation.",
    remedy: "Check the id, or list templates.",
  },
  message_template_changed: {
    status: 412,
    title: "The template has changed since",
    meaning:
      "Somebody changed the template after the version that the caller saw. `version` is the one that it has now.",
    remedy: "Read the template again, and decide again.",
  },
  message_template_retired: {
    status: 409,
    title: "The template is retired",
    meaning: "A template that was retired stays as it is.",
    remedy: "Add another one: its key is free again.",
  },
  message_template_key_taken: {
    status: 409,
    title: "The key is taken",
    meaning: "Another template of the organisation that isn't retired has this key.",
    remedy: "Choose another key, or change that template.",
  },
  message_template_empty: {
    status: 422,
    title: "A template without a text",
    meaning: "The template has texts in no language.",
    remedy: "Write it in English, in Arabic, or in both.",
  },
  message_template_variable_twice: {
    status: 422,
    title: "A variable is declared twice",
    meaning: "`names` are declared more than once.",
    remedy: "Declare each variable once.",
  },
  message_template_variable_reserved: {
    status: 422,
    title: "The server's own variable",
    meaning: "`names` are declared, but the server says them by itself: `name`, `organisation` and `link`.",
    remedy: "Use them without declaring them, or take other names.",
  },
  message_template_variable_unknown: {
    status: 422,
    title: "A text names what nobody declared",
    meaning:
      "`names` stand in double braces in a text, and are neither declared nor the server's own, or are no names at all.",
    remedy: "Declare them in `variables`, or correct the text. Double braces always name a variable.",
  },
  message_template_variable_long: {
    status: 422,
    title: "A variable's name is too long for WhatsApp",
    meaning:
      "`names` stand in a `short` that has a `contentSid`, and have more than 16 characters: content templates take no longer ones.",
    remedy: "Give them shorter names, here and in the content template.",
  },
} as const satisfies Record<string, ProblemSpec>;
