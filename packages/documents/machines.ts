import { operations } from "@dais/contracts";
import type { MoveSpec, StateSpec, WorkflowSpec } from "@dais/contracts/kit/workflow";
import { workflows } from "@dais/contracts/workflows/all";

/** Every workflow as a page for people, in Markdown: what its states wait for, who makes its moves, and a drawing in Mermaid. */
export function machinesPage(): string {
  return `${[
    "<!-- Generated from contracts/ by `npm run generate`. Do not edit. -->",
    "# Machines",
    "What goes its way by a table of legal moves: its states, who acts next and by when, and who makes which move. [Workflows](workflows.md) " +
      'says what the columns mean, and how to add one; `workflows.list` answers with the same as data. What a drawing calls "by itself" ' +
      "the server does, by rule.",
    ...[...workflows.values()].flatMap(section),
  ].join("\n\n")}\n`;
}

function section(spec: WorkflowSpec): string[] {
  const { title, name, capability, states, moves } = spec;
  return [
    `## ${title}`,
    `Machine \`${name}\`, moved by the operations of \`${capability}\`.`,
    drawing(spec),
    table(
      ["State", "What happens there"],
      Object.entries(states).map(([state, one]) => [`\`${state}\``, told(one)]),
    ),
    table(
      ["Move", "From", "To", "Who makes it", "What it asks for"],
      Object.entries(moves).map(([event, move]) => [
        `\`${event}\``,
        move.from.map((state) => `\`${state}\``).join(", ") || "(new)",
        `\`${move.to}\``,
        maker(capability, event, move),
        asked(capability, event, move),
      ]),
    ),
  ];
}

/** @see https://mermaid.js.org/syntax/stateDiagram.html */
function drawing({ states, moves }: WorkflowSpec): string {
  const lines = Object.entries(moves).flatMap(([event, move]) => {
    const label = move.by === "system" ? `${event} (by itself)` : event;
    const from = move.from.length === 0 ? ["[*]"] : move.from;
    return from.map((state) => `  ${state} --> ${move.to}: ${label}`);
  });
  const ends = Object.entries(states).flatMap(([state, spec]) => ("final" in spec ? [`  ${state} --> [*]`] : []));
  return ["```mermaid", "stateDiagram-v2", ...lines, ...ends, "```"].join("\n");
}

function told(spec: StateSpec): string {
  if ("final" in spec) return "It is over.";
  if ("rests" in spec) return spec.rests;
  const who =
    "for" in spec.waits
      ? `Whoever holds \`${spec.waits.for}\` acts next`
      : `The person in \`${spec.waits.person}\` acts next`;
  if ("until" in spec.within) return `${who}, until the moment in \`${spec.within.until}\` where there is one.`;
  const term = "hours" in spec.within ? `${spec.within.hours} hours` : `${spec.within.workingDays} working days`;
  return `${who}, within ${term} unless the organisation says otherwise.`;
}

function maker(capability: string, event: string, { by }: MoveSpec<string>): string {
  if (by === "system") return "the server, by rule";
  const operation = operations.get(`${capability}.${event}`);
  const permission = operation?.meta.permission;
  return permission ? `\`${permission}\`` : "the server";
}

function asked(capability: string, event: string, move: MoveSpec<string>): string {
  const meta = operations.get(`${capability}.${event}`)?.meta;
  return [
    move.fourEyes && "four eyes",
    move.by !== "system" && meta?.assurance && "a second factor",
    move.irreversible && "a reason of ten characters, as it can't be taken back",
    move.hand && "who makes it has a hand in the content",
    ...(move.policies ?? []).map((policy) => `policy \`${policy}\``),
  ]
    .filter(Boolean)
    .join(", ");
}

function table(heading: string[], rows: string[][]): string {
  const lines = [heading, heading.map(() => "---"), ...rows];
  return lines.map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`).join("\n");
}
