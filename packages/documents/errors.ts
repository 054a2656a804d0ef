import { capabilities } from "@dais/contracts";
import { problemsOf } from "@dais/contracts/kit/possible";
import { baseProblems, type ProblemSpec } from "@dais/contracts/kit/problems";
import { served } from "./served.ts";

/** The paths of the operations and subscriptions that may answer with a code, in the order of the contract. */
export const answeredBy = (code: string): string[] =>
  served.filter((operation) => problemsOf(operation).includes(code)).map(({ path }) => path);

/** The catalogue of problems as a page for people, in Markdown. */
export function errorsPage(): string {
  return [
    "<!-- Generated from contracts/ by `npm run generate`. Do not edit. -->",
    "# Problems",
    "Every refusal is an RFC 9457 problem: `application/problem+json` on REST, `error.data.problem` on tRPC, `structuredContent` on MCP. " +
      "Decide by `code`: it is never renamed and never used for something else. `type` is the address of the code's page.",
    ...section("On any operation", baseProblems),
    ...capabilities.flatMap(({ title, problems: own }) => section(title, own)),
    "",
  ]
    .join("\n\n")
    .trimEnd()
    .concat("\n");
}

function section(title: string, specs: Readonly<Record<string, ProblemSpec>>): string[] {
  return [`## ${title}`, ...Object.entries(specs).flatMap(([code, spec]) => entry(code, spec))];
}

function entry(code: string, { status, title, meaning, remedy }: ProblemSpec): string[] {
  const by = answeredBy(code);
  const all = by.length === served.length;
  const who =
    by.length === 0
      ? "No operation: only addresses that don't exist."
      : all
        ? "Every operation."
        : by.map((p) => `\`${p}\``).join(", ");
  return [`### \`${code}\``, `**${status}** ${title}.`, meaning, `*What to do:* ${remedy}`, `*Answered by:* ${who}`];
}
