import { capabilities, events } from "@dais/contracts";
import type { EventSpec } from "@dais/contracts/kit/event";
import { example } from "./asyncapi/messages.ts";
import type { Schema } from "./openapi/json.ts";
import { outputSchema } from "./schema.ts";

/** Every event as a page for people, in Markdown: what it says, and who hears it. */
export function eventsPage(): string {
  const all = [...events.values()];
  const first = events.get("signal.acknowledged");
  return [
    "<!-- Generated from contracts/ by `npm run generate`. Do not edit. -->",
    "# Catalogue of events",
    "Every event comes in the same envelope, CloudEvents 1.0; what differs is `data`. The same for machines: " +
      "[asyncapi.json](../contracts/asyncapi.json). Fields of `data` may be added: ignore those that you don't know.",
    first ? `\`\`\`json\n${JSON.stringify(example(first, "https://dais.example.org"), null, 2)}\n\`\`\`` : "",
    ...capabilities.flatMap(({ name, title }) =>
      section(
        title,
        all.filter(({ capability }) => capability === name),
      ),
    ),
  ]
    .filter(Boolean)
    .join("\n\n")
    .concat("\n");
}

const section = (title: string, some: readonly EventSpec[]): string[] =>
  some.length === 0 ? [] : [`## ${title}`, ...some.flatMap(entry)];

function entry({ name, about, version, permission, own, payload }: EventSpec): string[] {
  const { properties = {} } = outputSchema(payload) as Schema;
  const rows = Object.entries(properties).map(
    ([field, schema]) => `| \`${field}\` | ${typeOf(schema)} | ${cell(schema.description ?? "")} |`,
  );
  return [
    `### \`${name}\``,
    about,
    `Version ${version}. *Who hears of it:* ${hearers({ permission, own })}`,
    ["| Field | Type | Meaning |", "| --- | --- | --- |", ...rows].join("\n"),
  ];
}

/** Who may hear of an event, as a sentence. */
export function hearers({ permission, own }: Pick<EventSpec, "permission" | "own">): string {
  if (own) return "the person whom it names, and nobody else.";
  if (permission === null) return "any signed-in caller of the organisation.";
  return permission === "nobody" ? "nobody outside of the server." : `who holds \`${permission}\`.`;
}

/** A schema in few words: `"new"`, `"acknowledged"`; `text or null`. */
function typeOf({ type, enum: values, const: value, items, format, anyOf }: Schema): string {
  if (value !== undefined) return `\`${JSON.stringify(value)}\``;
  if (values) return values.map((one) => `\`${JSON.stringify(one)}\``).join(", ");
  if (anyOf) return [...new Set(anyOf.map(typeOf))].join(" or ");
  if (Array.isArray(type)) return type.map((one) => word(one, format)).join(" or ");
  return type === "array" ? `list of ${typeOf(items ?? {})}` : word(type ?? "any", format);
}

const word = (type: string, format: unknown) =>
  type === "string" ? (format === "date-time" && "moment") || (format === "date" && "day") || "text" : type;
const cell = (text: string) => text.replaceAll("|", "\\|");
