import type { Operation, Subscription } from "@dais/contracts/kit/derive";
import { pointer } from "@dais/kernel/input";
import { Problem } from "@dais/kernel/problem";
import type { z } from "zod";

type Described = Operation | Subscription;
type Kind = "string" | "number" | "boolean";
type Field = { kind: Kind; many: boolean };

/** How an operation's REST form carries its input: which fields lie in the path, which in the query, of what kind, and which is the body. */
export type RestShape = { path: readonly string[]; query: ReadonlyMap<string, Field>; document: string | null };

/** Read once from the contract, at the start. */
export function restShape(operation: Described): RestShape {
  const path = [...operation.meta.openapi.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] as string);
  const document = operation.meta.upload?.field ?? null;
  const elsewhere = [...path, document];
  const fields =
    operation.kind !== "command" || document !== null
      ? Object.entries(operation.input.shape).filter(([name]) => !elsewhere.includes(name))
      : [];
  return { path, query: new Map(fields.map(([name, schema]) => [name, fieldOf(schema as z.ZodType)])), document };
}

/**
 * Builds the raw input of a read, or of an upload without its document, from path and query. Fields that don't exist are kept, so that the schema refuses them by name.
 * @throws invalid_input where a single field is given twice
 */
export function readQuery(
  shape: RestShape,
  params: Record<string, string>,
  search: URLSearchParams,
): Record<string, unknown> {
  const input: Record<string, unknown> = Object.create(null);
  for (const [name, text] of search) {
    if (shape.path.includes(name) || name === shape.document)
      throw refusal(name, "unknown_field", "There is no such field.");
    // What isn't UTF-8 has become the replacement character by now: text that was never meant.
    if (/[\0\ufffd]/.test(text)) throw refusal(name, "invalid_string", "Must be UTF-8 without nul characters.");
    const field = shape.query.get(name);
    const value = typed(text, field?.kind ?? "string");
    const before = input[name];
    if (field?.many) input[name] = before ? [...(before as unknown[]), value] : [value];
    else if (before !== undefined) throw refusal(name, "repeated_field", "Must be given once.");
    else input[name] = value;
  }
  return Object.assign(input, params);
}

const refusal = (name: string, code: string, message: string) => misplaced(["query", name], code, message);

/** A field that only REST can put in the wrong place, or form: its pointer says already where. */
export function misplaced(path: string[], code: string, message: string): Problem {
  const problem = new Problem("invalid_input", { errors: [{ pointer: pointer(path), code, message }] });
  inPlace.add(problem);
  return problem;
}
const inPlace = new WeakSet<Problem>();

/** Says of each wrong field where it lies in the request: /path, /query or /body. */
export function placed(problem: Problem, { kind }: Pick<Described, "kind">, shape: RestShape): Problem {
  if (problem.code !== "invalid_input" || !problem.extensions.errors || inPlace.has(problem)) return problem;
  const place = (pointer: string) => {
    const field = pointer.split("/")[1] ?? "";
    if (field === shape.document) return "/body";
    const within = shape.path.includes(field) ? "/path" : kind === "command" && !shape.document ? "/body" : "/query";
    return within + pointer;
  };
  const errors = problem.extensions.errors.map((error) => ({ ...error, pointer: place(error.pointer) }));
  return new Problem("invalid_input", { ...problem.extensions, errors });
}

/** What a `URL` would say, at a fraction of its price: the address is whole already, and its path is the router's business. */
export const searchOf = (url: string) => new URLSearchParams(/\?([^#]*)/.exec(url)?.[1] ?? "");

/** The value that a query's text stands for; text that stands for none of its kind is left for the schema to refuse. */
function typed(text: string, kind: Kind): unknown {
  if (kind === "number") return /^-?(0|[1-9]\d*)(\.\d+)?$/.test(text) ? Number(text) : text;
  if (kind === "boolean") return text === "true" ? true : text === "false" ? false : text;
  return text;
}

function fieldOf(schema: z.ZodType): Field {
  const def = (schema as unknown as { def: { type: string; innerType?: z.ZodType; element?: z.ZodType } }).def;
  if (def.innerType) return fieldOf(def.innerType);
  if (def.type === "array") return { kind: fieldOf(def.element as z.ZodType).kind, many: true };
  return { kind: def.type === "number" || def.type === "boolean" ? def.type : "string", many: false };
}
