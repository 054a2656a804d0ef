import fc from "fast-check";
import { keepsRules, type Schema, some } from "./schema.ts";
import { nameOf, stories, wordFor } from "./words.ts";

/** What a text is made from: its field's name, its object's number, and what the contract's examples have there. */
type Hints = { field: string; n: number; seen: readonly unknown[] };

/**
 * A text that its schema takes. The first that fits of: a word for the field's name, one of the examples' values, what the
 * description names as an example, any words. A form that none of them has is made from its pattern.
 */
export function text(schema: Schema, { field, n, seen }: Hints): string {
  for (const one of candidates(schema, { field, n, seen }))
    if (typeof one === "string" && fits(schema, one)) return one;
  return byPattern(schema, n);
}

function* candidates(schema: Schema, { field, n, seen }: Hints): Generator<unknown> {
  const { description = "" } = schema;
  if (/\bid of\b/i.test(description)) yield* turned(seen, n);
  // Without a form, what a word must be like is a rule that only the example knows.
  if (patternsOf(schema).length === 0) yield schema.example;
  yield formats[schema.format ?? ""]?.(n);
  yield wordFor(field, n);
  yield* turned(seen, n);
  const named = [...description.matchAll(/(?<=for example|, |or )\s*`([^`]+)`/gi)].map((one) => one[1]);
  yield* turned(
    [schema.example, schema.default, ...named].filter((one) => one !== undefined),
    n,
  );
  yield stories[n % stories.length]?.title;
  yield nameOf(n).en.toLowerCase().replace(" ", "-");
}

/** The list from its nth on, and then from its beginning. */
const turned = (list: readonly unknown[], n: number) => list.map((_, at) => list[(at + n) % list.length]);

/** Whether a schema takes a text, as far as length, patterns and its own rules say. */
function fits(schema: Schema, value: string): boolean {
  if (value.length < (schema.minLength ?? 0) || value.length > (schema.maxLength ?? Number.POSITIVE_INFINITY))
    return false;
  return patternsOf(some(schema)).every((pattern) => compiled(pattern).test(value)) && keepsRules(schema, value);
}

const patternsOf = (schema: Schema): string[] =>
  [schema, ...(schema.allOf ?? [])].flatMap(({ pattern }) => (pattern === undefined ? [] : [pattern]));

const pools = new WeakMap<Schema, string[]>();

/** One of some texts that are made from the pattern once. */
function byPattern(schema: Schema, n: number): string {
  const pool =
    pools.get(schema) ??
    patternsOf(schema)
      .flatMap(matching)
      .concat(plain(schema))
      .filter((one) => fits(schema, one));
  pools.set(schema, pool);
  return pool[n % pool.length] ?? "";
}

/** Not every pattern can be read backwards: then there are none. */
function matching(pattern: string): string[] {
  try {
    return fc.sample(fc.stringMatching(compiled(pattern), { size: "small" }), { seed: 1, numRuns: 50 });
  } catch {
    return [];
  }
}

function plain({ minLength = 1, maxLength = 200 }: Schema): string[] {
  const lengths = { minLength: Math.max(1, minLength), maxLength: Math.max(1, maxLength) };
  return fc.sample(fc.string({ unit: "grapheme-ascii", ...lengths }), { seed: 1, numRuns: 20 });
}

const expressions = new Map<string, RegExp>();

/** A contract has few patterns, and each is asked for often. */
function compiled(pattern: string): RegExp {
  const known = expressions.get(pattern) ?? expressionOf(pattern);
  expressions.set(pattern, known);
  return known;
}

/** JSON Schema's patterns are in Unicode mode, but those of old may not be. */
function expressionOf(pattern: string): RegExp {
  try {
    return new RegExp(pattern, "u");
  } catch {
    return new RegExp(pattern);
  }
}

const hex = (n: number, length: number) =>
  (BigInt(n + 1) * 0x9e3779b97f4a7c15f39cc0605cedc835n).toString(16).padStart(length, "0").slice(-length);

const formats: Record<string, (n: number) => string> = {
  uuid: (n) => `${hex(n, 8)}-${hex(n + 1, 4)}-4${hex(n + 2, 3)}-8${hex(n + 3, 3)}-${hex(n + 4, 12)}`,
  uri: (n) => `https://example.org/${n % 1000}`,
  email: (n) => wordFor("email", n) as string,
  time: (n) => `${String(8 + (n % 10)).padStart(2, "0")}:30:00`,
  duration: (n) => `PT${15 + (n % 4) * 15}M`,
  ipv4: (n) => `192.0.2.${1 + (n % 250)}`,
  ipv6: (n) => `2001:db8::${1 + (n % 250)}`,
  base64: () => "RGFpcw==",
  base64url: () => "RGFpcw",
};
