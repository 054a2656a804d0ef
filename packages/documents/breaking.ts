import { inlined } from "./breaking/inline.ts";
import {
  comeAndGone,
  type OpenApi,
  operationsOf,
  parametersOf,
  problemChanges,
  withoutCodes,
} from "./breaking/operations.ts";
import { type Difference, differences } from "./breaking/redocly.ts";
import { ours, words } from "./breaking/words.ts";

export type { OpenApi } from "./breaking/operations.ts";

/** Something that callers may notice. */
export type Change = {
  /** The operation's name; null where it concerns all. */
  operation: string | null;
  /** A sentence; the same for every operation that it happened to. */
  what: string;
  /** `breaks`: a program that was right before may fail. `adds`, `changes`: it may do, get or send something else. */
  impact: "breaks" | "adds" | "changes" | "deprecates";
};

/**
 * What callers may notice of the way from one document to another, in the order of the newer one.
 *
 * Requests may be widened and answers narrowed; the other way round breaks. What only people read is left out.
 */
export function compare(before: object, after: object): Change[] {
  const [old, now] = [before as OpenApi, after as OpenApi];
  const found = differences(form(before), form(after)).flatMap((difference) => changeOf(difference, old, now));
  return distinct([...comeAndGone(old, now), ...found, ...problemChanges(old, now)]);
}

const form = (document: object) => withoutCodes(inlined(document));

/** The part of it that breaks callers. */
export const breakingChanges = (before: object, after: object): Change[] =>
  compare(before, after).filter(({ impact }) => impact === "breaks");

function changeOf(difference: Difference, before: OpenApi, after: OpenApi): Change[] {
  const [, path, method, rest = ""] = /^#\/paths\/([^/]+)\/(\w+)(.*)$/.exec(difference.path) ?? [];
  const impact = ours(difference, rest) ?? judged(difference);
  if (!impact) return [];
  if (!path || !method) {
    // Paths were told by their operations, and what is shared by those that share it.
    const told = /^#\/(paths|components\/(?!securitySchemes))/.test(difference.path);
    return told ? [] : [{ operation: null, what: words(difference, ""), impact }];
  }
  const address = `${method.toUpperCase()} ${path.replaceAll("~1", "/").replaceAll("~0", "~")}`;
  const [old, now] = [operationsOf(before).get(address), operationsOf(after).get(address)];
  // What is in one document only was told as a whole.
  if (!old || !now || aboutProblems(difference, rest)) return [];
  const [holder, document] = difference.kind === "removed" ? [old, before] : [now, after];
  return [{ operation: old.operationId, what: words(difference, rest, parametersOf(holder, document)), impact }];
}

/** Redocly's own verdict. Of what asks for a patch, callers notice nothing. */
const judged = ({ impact }: Difference): Change["impact"] | null =>
  impact === "major" ? "breaks" : impact === "minor" ? "adds" : null;

/** Which problems there are is compared by code; here only their form counts. */
const aboutProblems = ({ typeName }: Difference, rest: string) =>
  /^\/responses\/[45]\d\d/.test(rest) && typeName === "Response";

function distinct(changes: Change[]): Change[] {
  const seen = new Map(changes.map((change) => [`${change.operation} ${change.what}`, change]));
  return [...seen.values()];
}
