import type { Change } from "../breaking.ts";
import type { Difference } from "./redocly.ts";

/**
 * A sentence on a difference, the same for every operation that shares what changed.
 * @param rest Its place in the operation, a pointer.
 * @param parameters The operation's parameters by their place.
 */
export function words(difference: Difference, rest: string, parameters: readonly string[] = []): string {
  const side = rest.startsWith("/responses/") ? "answer" : /^\/(requestBody|parameters)/.test(rest) ? "request" : "";
  const sentence = difference.verdicts[0]?.message ?? plain(difference, parameters);
  const parameter = parameters[Number(/^\/parameters\/(\d+)\//.exec(rest)?.[1])];
  const field = [...rest.matchAll(/\/properties\/([^/]+)/g)].at(-1)?.[1];
  const name = parameter ?? (sentence.includes(`\`${field}\``) ? undefined : field);
  const where = [side, ...(name ? [`\`${name}\``] : [])].filter(Boolean).join(", ");
  return where ? `${where}: ${sentence}` : sentence;
}

function plain({ kind, typeName, property, path, base, revision }: Difference, parameters: readonly string[]): string {
  const name = path.split("/").at(-1)?.replaceAll("~1", "/") ?? "";
  if (property) {
    const of = typeName === "Schema" && !/^(schema|items|\d+)$/.test(name) ? ` of \`${name}\`` : "";
    return `\`${property}\`${of} changed from ${shown(base)} to ${shown(revision)}.`;
  }
  const many = several[/\/(any|one|all)Of\/\d+$/.test(path) ? "AnyOf" : typeName];
  if (many) return `${many} ${kind}.`;
  const known = typeName === "Parameter" ? (parameters[Number(name)] ?? name) : name;
  return `${things[typeName] ?? typeName} \`${known}\` was ${kind}.`;
}

const shown = (side: { value?: unknown } | undefined) =>
  side?.value === undefined ? "nothing" : `'${JSON.stringify(side.value).replace(/^"|"$/g, "")}'`;

const things: Record<string, string> = {
  Header: "header",
  MediaType: "media type",
  Parameter: "parameter",
  Response: "status",
  Schema: "field",
};
const several: Record<string, string> = {
  AnyOf: "a choice was",
  HeadersMap: "headers were",
  ParameterList: "parameters were",
  RequestBody: "a body was",
  SchemaProperties: "fields were",
  SecurityRequirement: "a way to sign in was",
};

/** What Redocly doesn't judge, or not as our callers would; null leaves it to Redocly. */
export function ours(difference: Difference, rest: string): Change["impact"] | null {
  const { kind, typeName, property, base, revision } = difference;
  const answered = rest.startsWith("/responses/");
  if (property?.startsWith("x-")) return rules[property]?.(base?.value, revision?.value) ? "breaks" : null;
  if (property === "deprecated" && typeName === "Operation") return revision?.value ? "deprecates" : null;
  // Who leaves the field out gets something else than before.
  if (property === "default") return answered ? null : "breaks";
  if (property && typeName === "Schema" && difference.impact === "patch")
    return limits.test(property) ? "changes" : null;
  if (kind !== "added") return null;
  const { required = false } = (revision?.value ?? {}) as { required?: boolean };
  if (typeName === "RequestBody" && required) return "breaks";
  // Who looks for the one status takes the other for a failure. A 304 comes only to those who ask for it.
  return typeName === "Response" && /\/2\d\d$/.test(rest) ? "breaks" : null;
}

/** Fields of a schema that let more or less through. */
const limits = /^(type|format|enum|const|pattern|additionalProperties|uniqueItems|(min|max|exclusiveM)\w+)$/;

const stricter = (order: readonly unknown[]) => (before: unknown, after: unknown) =>
  order.indexOf(after) > order.indexOf(before);

/** Fields of our own, and when a change of their value breaks. */
const rules: Record<string, ((before: unknown, after: unknown) => boolean) | undefined> = {
  // Keys were given the permission of before. Without one, every key will do.
  "x-permission": (before, after) => after !== null && after !== before,
  "x-agent-policy": stricter(["allow", "propose", "deny"]),
  "x-version": stricter(["none", "any", "required"]),
};
