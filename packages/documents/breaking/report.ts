import type { Change } from "../breaking.ts";
import { type Declared, type Group, grouped, judge } from "./purpose.ts";

const titles: [Change["impact"], string][] = [
  ["breaks", "Breaking"],
  ["adds", "Added"],
  ["changes", "Changed"],
  ["deprecates", "Deprecated"],
];

/** The difference in Markdown, by what it means for callers. A break says why it was made, where that was declared. */
export function sections(changes: readonly Change[], declared: readonly Declared[], level: string): string {
  return titles
    .map(([impact, title]) => [title, grouped(changes.filter((change) => change.impact === impact))] as const)
    .filter(([, groups]) => groups.length > 0)
    .map(([title, groups]) => `${level} ${title}\n\n${groups.map((group) => line(group, declared)).join("\n")}\n`)
    .join("\n");
}

function line({ what, operations }: Group, declared: readonly Declared[]): string {
  const why = declared.find(({ change }) => change === what)?.why;
  const names = operations.map((name) => `\`${name}\``).join(", ");
  return `- ${names ? `${names}: ` : ""}${what}${why ? ` Why: ${why}` : ""}`;
}

/** What a release says in CHANGELOG.md. */
export function changelogEntry(
  version: string,
  day: string,
  changes: readonly Change[] | null,
  declared: Declared[],
): string {
  const text = changes === null ? "The first release.\n" : sections(changes, declared, "###");
  return `## ${version} (${day})\n\n${text || "Nothing that callers notice.\n"}`;
}

/** What a pull request is told, and whether it may go in. */
export function review(
  changes: readonly Change[],
  declared: readonly Declared[],
  released: string,
): { text: string; fine: boolean } {
  const { undeclared, stale } = judge(changes, declared);
  const all = sections(changes, declared, "####") || "Nothing that callers notice.\n";
  const parts = [`### The API against its last release, ${released}\n`, all];
  if (undeclared.length > 0) parts.push(refusal(undeclared));
  if (stale.length > 0) {
    const names = stale.map(({ change }) => `- ${change}\n`).join("");
    parts.push(
      `**These entries of \`contracts/released/on-purpose.json\` break nothing, have other operations, or say no reason:**\n\n${names}`,
    );
  }
  return { text: parts.join("\n"), fine: undeclared.length === 0 && stale.length === 0 };
}

function refusal(undeclared: Group[]): string {
  const entries = undeclared.map(({ what, operations }): Declared => ({ change: what, operations, why: "" }));
  return [
    "**This breaks callers, and nobody said that it is meant.** Undo it, or deprecate and add instead. If it has to be, put this into",
    "`contracts/released/on-purpose.json`, with the reason; the next release then says so and counts up its version:\n",
    `\`\`\`json\n${JSON.stringify(entries, null, 2)}\n\`\`\`\n`,
  ].join("\n");
}
