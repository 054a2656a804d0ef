import type { MessageTemplate } from "@dais/contracts/messageTemplates";
import { builtIn } from "@dais/contracts/messageTemplates/shape";
import { Problem } from "@dais/kernel/problem";

/** What a template says, and what it may name. */
export type Written = Pick<MessageTemplate, "variables" | "languages">;

/** A variable in a text; or double braces around, or at the beginning of, what is none. */
const braces = /\{\{([^{}\n]{0,100})\}\}|\{\{/g;
const name = /^[a-z][a-z0-9_]*$/;

/**
 * A text cut at its variables: what stands between them, and the names. Each text is gone through once, so what a variable stands for is never
 * looked at again.
 */
export function pieces(text: string): { text: string; variable: string | null }[] {
  const found: { text: string; variable: string | null }[] = [];
  let from = 0;
  for (const { 0: whole, 1: inside, index } of text.matchAll(braces)) {
    if (inside === undefined || !name.test(inside)) continue;
    found.push({ text: text.slice(from, index), variable: null }, { text: whole, variable: inside });
    from = index + whole.length;
  }
  return [...found, { text: text.slice(from), variable: null }];
}

/** Sees to it that texts name only what there is. @throws message_template_empty, message_template_variable_twice, message_template_variable_reserved, message_template_variable_unknown, message_template_variable_long */
export function fitting({ variables, languages }: Written): void {
  const all = [languages.en, languages.ar].filter((one) => one !== null);
  if (all.length === 0) throw new Problem("message_template_empty");
  const declared = variables.map((one) => one.name);
  refuse(
    "message_template_variable_twice",
    declared.filter((one, n) => declared.indexOf(one) !== n),
  );
  refuse(
    "message_template_variable_reserved",
    declared.filter((one) => own.includes(one)),
  );
  const known = new Set([...declared, ...own]);
  const named = all.flatMap(({ subject, body, short }) => [subject, body, short]).flatMap(namedIn);
  refuse(
    "message_template_variable_unknown",
    named.filter((one) => !known.has(one)),
  );
  const approved = all.filter(({ contentSid }) => contentSid !== null).flatMap(({ short }) => namedIn(short));
  refuse(
    "message_template_variable_long",
    approved.filter((one) => one.length > longestApproved),
  );
}
const own: readonly string[] = builtIn;
/** @see https://www.twilio.com/docs/content/using-variables-with-content-api */
const longestApproved = 16;

/** Everything that stands in double braces, whether it could be a name or not. */
const namedIn = (text: string): string[] => [...text.matchAll(braces)].map(([whole, inside]) => inside ?? whole);

/** How many of what is wrong a problem names. */
const most = 50;

function refuse(code: Parameters<typeof problem>[0], names: readonly string[]): void {
  if (names.length > 0) throw problem(code, [...new Set(names)].slice(0, most));
}
const problem = (
  code: `message_template_variable_${"twice" | "reserved" | "unknown" | "long"}`,
  names: readonly string[],
): Problem => new Problem(code, { names });
