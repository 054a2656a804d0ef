import { capabilities, operations } from "@dais/contracts";
import type { Operation } from "@dais/contracts/kit/derive";
import type { Capability } from "@dais/contracts/kit/operation";
import { builtInRoles, permissionsOf } from "@dais/contracts/roles/builtIn";

/** Who may call what, as a page for people, in Markdown: one table for each capability, a row for each operation, a column for each role. */
export function rolesPage(): string {
  return [
    "<!-- Generated from contracts/ by `npm run generate`. Do not edit. -->",
    "# Roles",
    "A person has the permissions of all their roles, and sees what lies at or below their clearance. Roles come from the directory, as " +
      "`roles.mappings` says, or are granted here (`people.grantRole`). A key has no roles but permissions of its own; `agent` and " +
      "`integration` are there to say which ones suit it.",
    table(
      ["Role", "", "Holds, too", "What it is for"],
      builtInRoles.map(({ key, name, inherits, about }) => [
        `\`${key}\``,
        name.en,
        inherits.map(code).join(", "),
        about,
      ]),
    ),
    "✓: may call it. ✓²: after a second factor, not long ago. ?: may only propose it to a person. Operations without a permission are about the caller.",
    ...capabilities.flatMap(section),
    "",
  ]
    .join("\n\n")
    .trimEnd()
    .concat("\n");
}

const held = new Map(builtInRoles.map(({ key }) => [key, new Set(permissionsOf(key))]));

function section(capability: Capability): string[] {
  const its = [...operations.values()].filter(({ meta }) => meta.capability === capability);
  return [
    `## ${capability.title}`,
    table(["Operation", "Permission", ...builtInRoles.map(({ key }) => key)], its.map(row)),
  ];
}

function row(operation: Operation): string[] {
  const { permission } = operation.meta;
  const cells = builtInRoles.map(({ key }) =>
    permission === null || held.get(key)?.has(permission) ? mark(operation, key) : "",
  );
  return [code(operation.path), permission === null ? "" : code(permission), ...cells];
}

/** What who has the permission may do with it: a key proves no second factor, and an agent's policy is the operation's. */
function mark({ meta }: Operation, role: string): string {
  if (!["agent", "integration"].includes(role)) return meta.assurance ? "✓²" : "✓";
  if (meta.assurance || meta.problems.some((one) => one.endsWith("_person_only"))) return "";
  if (role === "integration" || meta.agent === "allow") return "✓";
  return meta.agent === "propose" ? "?" : "";
}

const code = (text: string) => `\`${text}\``;

function table(heading: string[], rows: string[][]): string {
  const lines = [heading, heading.map(() => "---"), ...rows];
  return lines.map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`).join("\n");
}
